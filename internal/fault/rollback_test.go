//go:build fault

package fault

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine/internal/servers"
)

// connectTo returns a client of one node, primary or not.
func (c *cluster) connectTo(node *servers.Mongod) *mongo.Client {
	c.t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(node.URI).SetServerSelectionTimeout(2 * time.Second))
	require.NoError(c.t, err)
	c.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = client.Disconnect(ctx)
	})
	return client
}

// configure sets the failpoint that stops a secondary from fetching the oplog.
func configure(mode string) bson.D {
	return bson.D{{Key: "configureFailPoint", Value: "stopReplProducer"}, {Key: "mode", Value: mode}}
}

// Only the primary has a write, and then the write is rolled back. No event reports the rollback.
// Grapevine must never show, welcome or keep the contact.
func TestRollback(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{nodes: 3, mongod: []string{"--setParameter", "enableTestCommands=1"}})
	l := c.startLoad()
	l.waitForWrites(100)
	l.end() // an acknowledged write needs a majority, which is missing from here on
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	defer cancel()
	primary, err := c.set.Primary(ctx)
	require.NoError(t, err)
	replication := func(stop bool) {
		for _, node := range c.set.Nodes {
			if node == primary {
				continue
			}
			admin := c.connectTo(node).Database("admin")
			if !stop {
				require.NoError(t, admin.RunCommand(ctx, configure("off")).Err())
				continue
			}
			var before struct{ Count int64 }
			require.NoError(t, admin.RunCommand(ctx, configure("alwaysOn")).Decode(&before))
			// A fetch that is under way when the failpoint is set still ends.
			require.NoError(t, admin.RunCommand(ctx, bson.D{
				{Key: "waitForFailPoint", Value: "stopReplProducer"},
				{Key: "timesEntered", Value: before.Count + 1},
			}).Err())
		}
	}
	replication(true)
	id := bson.NewObjectID()
	// Journaled: otherwise a kill within 100 ms loses the write, and nothing is left to roll back.
	journaled := true
	hasty := c.connectTo(primary).Database(database).Collection("contacts",
		options.Collection().SetWriteConcern(&writeconcern.WriteConcern{W: 1, Journal: &journaled}))
	_, err = hasty.InsertOne(ctx, document(id, state{workspace: "one", owner: "ann", notes: "hasty", email: "hasty@example.org"}))
	require.NoError(t, err)
	for _, i := range c.instances {
		for range 3 {
			status, _, body := i.get("/contacts/"+id.Hex(), "Workspace", "one")
			require.NotEqual(t, http.StatusOK, status, "a write without a majority is not shown: %s", body)
		}
	}
	primary.Kill()
	c.logf("the primary is killed")
	replication(false)
	_, err = c.set.Primary(ctx)
	require.NoError(t, err)
	require.NoError(t, primary.Restart(ctx))
	c.eventually(60*time.Second, "the write was rolled back", func() bool {
		files, _ := filepath.Glob(filepath.Join(c.dir, "mongo", "*", "db", "rollback", "*", "*.bson"))
		return len(files) > 0
	})
	c.logf("rolled back; streaming after %s", c.waitForStreaming(30*time.Second).Round(time.Millisecond))
	again := c.startLoad()
	again.waitForWrites(100)
	again.clients = append(again.clients, l.clients...)
	// Both workers lose the primary, perhaps after sending.
	again.endAndCheck(allowances{drainTime: 120 * time.Second, repeatedMessages: 2 * runningTasks})
	l.oracle(allowances{repeatedMessages: 2 * runningTasks})
	require.NotContains(t, c.truth(), id.Hex())
	require.NotContains(t, c.mail.counts(), "welcome:"+id.Hex())
	for _, i := range c.instances {
		status, _, _ := i.get("/contacts/"+id.Hex(), "Workspace", "one")
		require.Equal(t, http.StatusNotFound, status)
	}
	require.Empty(t, c.gaps())
}
