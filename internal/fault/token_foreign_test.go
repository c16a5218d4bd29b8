//go:build fault

package fault

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine/internal/servers"
)

// restoreElsewhere copies the whole database into another replica set, ends the first one, and connects
// the cluster to the other.
func (c *cluster) restoreElsewhere() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 60*time.Second)
	defer cancel()
	path, err := servers.FindMongod(ctx)
	require.NoError(c.t, err)
	other, err := servers.StartMongod(ctx, path, filepath.Join(c.dir, "elsewhere"), 0, "--wiredTigerCacheSizeGB", "0.25")
	require.NoError(c.t, err)
	c.t.Cleanup(func() { other.Kill() })
	client, err := mongo.Connect(options.Client().ApplyURI(other.URI).
		SetTimeout(10 * time.Second).SetReadConcern(readconcern.Majority()).SetWriteConcern(writeconcern.Majority()))
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	names, err := c.db.ListCollectionNames(ctx, bson.D{})
	require.NoError(c.t, err)
	for _, name := range names {
		cursor, err := c.db.Collection(name).Find(ctx, bson.D{})
		require.NoError(c.t, err)
		var documents []bson.Raw
		require.NoError(c.t, cursor.All(ctx, &documents))
		if len(documents) > 0 {
			_, err = client.Database(database).Collection(name).InsertMany(ctx, documents)
			require.NoError(c.t, err)
		}
	}
	c.mongod.Kill()
	c.mongod, c.client, c.db, c.mongoURI = other, client, client.Database(database), other.URI
	for _, i := range c.instances {
		i.env["MONGO_URI"] = other.URI
	}
}

// The database is restored into another replica set, and Redis still holds the checkpoint of the first.
func TestTokenOfAnotherReplicaSet(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{})
	l := c.startLoad()
	l.waitForWrites(300)
	l.end() // no write may happen between the two
	for _, i := range c.instances {
		i.shutdown()
	}
	l.writeDirectly(50) // before the copy, while no instance runs
	c.restoreElsewhere()
	l.writeDirectly(50)
	for _, i := range c.instances {
		i.boot()
	}
	g := c.waitForHealedGap(1, 30*time.Second)
	require.Contains(t, g.Reason, "another replica set")
	require.False(t, g.Preexisting, "the ledger was restored too")
	l.writeDirectly(200)
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
	require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
}
