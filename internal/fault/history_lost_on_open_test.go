//go:build fault

package fault

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// tiny makes a mongod whose oplog holds about a megabyte and drops older entries within a second.
var tiny = []string{"--oplogSize", "1", "--syncdelay", "1"}

// rollOplog writes other data until the oplog no longer has the entries of this moment.
func (c *cluster) rollOplog() {
	c.t.Helper()
	ctx := c.t.Context()
	oplog := c.client.Database("local").Collection("oplog.rs")
	end := func(direction int) bson.Timestamp {
		var entry struct {
			TS bson.Timestamp `bson:"ts"`
		}
		require.NoError(c.t, oplog.FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "$natural", Value: direction}})).Decode(&entry))
		return entry.TS
	}
	now := end(-1)
	noise := c.client.Database("noise").Collection("noise", options.Collection().SetWriteConcern(writeconcern.W1()))
	rubbish := strings.Repeat("x", 100<<10)
	docs := make([]any, 20)
	c.eventually(60*time.Second, "the oplog has rolled over", func() bool {
		for n := range docs {
			docs[n] = bson.D{{Key: "x", Value: rubbish}}
		}
		_, err := noise.InsertMany(ctx, docs)
		return err == nil && end(1).T > now.T+1
	})
	require.NoError(c.t, noise.Drop(context.WithoutCancel(ctx)))
}

// All instances are down for longer than the oplog reaches back, so opening the change stream fails with
// error 286. Contacts are created, changed and deleted in the meantime.
func TestHistoryLostOnOpen(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{mongod: tiny})
		l := c.startLoad()
		l.waitForWrites(300)
		for _, i := range c.instances {
			i.shutdown()
		}
		l.writeDirectly(200)
		c.rollOplog()
		l.writeDirectly(50)
		for _, i := range c.instances {
			i.boot()
		}
		g := c.waitForHealedGap(1, 30*time.Second)
		require.Contains(t, g.Reason, "ChangeStreamHistoryLost")
		require.NotEmpty(t, g.From)
		require.NotEmpty(t, g.To)
		require.Positive(t, g.Backfilled, "contacts of the gap get their jobs")
		l.waitForWrites(100)
		l.endAndCheck(allowances{drainTime: 60 * time.Second})
		require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
		status, parts := c.instances[0].ready()
		require.Equal(t, 200, status)
		require.Equal(t, "healed", parts["gaps"].State)
		require.EqualValues(t, 1, parts["gaps"].Detail["count"])
		for _, k := range l.clients {
			_, _, f := k.snapshot()
			require.Greater(t, f.rereads, 1, "the client of %s was told to re-read", k.workspace)
		}
	})
}
