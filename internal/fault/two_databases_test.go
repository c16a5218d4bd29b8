//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// An instance of another database is given the same Redis. Beside a running one it is refused, because
// the two would share lease, queue and cached lists. Where nobody runs it is a gap: the checkpoint of
// another database is never gone on from.
func TestTwoDatabases(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.under()
	l.more(50)
	other := c.make("MONGO_DB=other")
	c.instances = c.instances[:2] // the oracle has nothing to compare it with
	other.launch()
	c.eventually(20*time.Second, "it ends", func() bool { return !other.running() })
	require.True(t, other.said("follows database grapevine"), "it says why")
	l.settle(mercy{})
	require.Empty(t, c.gaps())

	for _, i := range c.instances {
		i.shutdown()
	}
	other.boot()
	var g gap
	c.eventually(20*time.Second, "it begins anew", func() bool {
		return c.client.Database("other").Collection("gaps").FindOne(t.Context(), bson.D{{Key: "state", Value: "done"}}).Decode(&g) == nil
	})
	require.Contains(t, g.Reason, "another database")
	_, _, body := other.get("/contacts", "Workspace", "one")
	require.Empty(t, pageOf(body).Items)
}
