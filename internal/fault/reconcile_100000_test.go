//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// A reconcile scans 100,000 contacts, of which 100 have no job yet. The test logs how long that takes.
func TestReconcileOf100000(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1, env: map[string]string{"ROLES": "api,watcher"}})
	c.waitForDrain(nil, allowances{})
	c.instances[0].shutdown()
	const n, missing = 100_000, 100
	ctx := t.Context()
	for from := 0; from < n; from += 5000 {
		var contacts, effects []any
		for k := from; k < from+5000; k++ {
			id := bson.NewObjectID()
			contacts = append(contacts, document(id, state{workspace: "one", owner: "ann", notes: "n"}))
			if k%(n/missing) != 0 {
				effects = append(effects, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: "done"}})
			}
		}
		_, err := c.db.Collection(grapevine.CollectionContacts).InsertMany(ctx, contacts)
		require.NoError(t, err)
		_, err = c.db.Collection(grapevine.CollectionLedger).InsertMany(ctx, effects)
		require.NoError(t, err)
	}
	require.NoError(t, c.rdb.FlushAll(ctx).Err())
	watch := realtest.StartStopwatch(t)
	c.instances[0].boot()
	g := c.waitForHealedGap(1, 60*time.Second)
	watch.Stop()
	require.EqualValues(t, n, g.Seen)
	require.EqualValues(t, missing, g.Backfilled)
	require.Less(t, g.FinishedAt.Sub(g.StartedAt), watch.Allow(20*time.Second))
	c.eventually(20*time.Second, "each of the 100 contacts has its task", func() bool { return c.tasks()["pending"] == missing })
}
