//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// The change stream loses its history again as soon as a gap is healed, because the oplog is far too
// small for the load. More reconciles would only add load. So the pipeline stops, reports that it has
// stopped, and tries again a minute later.
func TestHistoryLostForGood(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1, mongod: []string{"--setParameter", "enableTestCommands=1"}})
	l := c.startLoad()
	l.waitForWrites(150)
	c.admin(bson.D{
		{Key: "configureFailPoint", Value: "failCommand"},
		{Key: "mode", Value: "alwaysOn"},
		{Key: "data", Value: bson.D{{Key: "failCommands", Value: bson.A{"aggregate", "getMore"}}, {Key: "errorCode", Value: 286}}},
	})
	i := c.instances[0]
	c.eventually(60*time.Second, "the pipeline has stopped", func() bool {
		_, parts := i.ready()
		return parts["watcher"].State == "stopped"
	})
	status, parts := i.ready()
	require.False(t, parts["watcher"].Ready)
	require.Equal(t, 200, status, "requests are still answered")
	require.True(t, i.logged("is the oplog too small for the load?"))
	found := c.gaps()
	require.Len(t, found, 5)
	for _, g := range found {
		require.Equal(t, "done", g.State)
	}
	l.waitForWrites(50)
	c.admin(bson.D{{Key: "configureFailPoint", Value: "failCommand"}, {Key: "mode", Value: "off"}})
	c.logf("streaming again after %s", c.waitForStreaming(100*time.Second).Round(time.Second))
	l.waitForWrites(50)
	l.endAndCheck(allowances{drainTime: 90 * time.Second})
	require.Len(t, c.gaps(), 5, "the pipeline continues when the oplog is long enough")
	require.InDelta(t, 5, c.sum("grapevine_watcher_reconciles_total"), 0)
}
