//go:build fault

package fault

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Two databases share one Redis. Their keys and queues have different names, so neither database notices
// the other one.
func TestTwoDatabases(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.waitForWrites(50)
	other := c.newInstance("MONGO_DB=other")
	c.instances = c.instances[:2] // the oracle compares the first database only
	other.boot()
	l.endAndCheck(allowances{})
	require.Empty(t, c.gaps())
	_, _, body := other.get("/contacts", "Workspace", "one")
	require.Empty(t, pageOf(body).Items)
	gaps, err := c.client.Database("other").Collection(grapevine.CollectionGaps).CountDocuments(t.Context(), bson.D{{Key: "reason", Value: bson.D{{Key: "$ne", Value: "first start"}}}})
	require.NoError(t, err)
	require.Zero(t, gaps, "the other database has no gap of its own")
	require.True(t, other.running())
}
