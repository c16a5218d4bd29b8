//go:build fault

package fault

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/servers"
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

// A database of the same name in another replica set has the same keys, so it cannot share the Redis. The
// start of its instance is refused while an instance of the first one holds the lease.
func TestSecondReplicaSetWithTheSameDatabaseName(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.waitForWrites(50)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	path, err := servers.FindMongod(ctx)
	require.NoError(t, err)
	second, err := servers.StartMongod(ctx, path, filepath.Join(c.dir, "second"), 0, "--wiredTigerCacheSizeGB", "0.25")
	require.NoError(t, err)
	t.Cleanup(func() { second.Kill() })
	refused := c.newInstance("MONGO_URI=" + second.URI)
	c.instances = c.instances[:2] // the oracle asks the instances of the first replica set only
	refused.launch()
	require.Contains(t, refused.ended(30*time.Second), "this Redis belongs to another running Grapevine")
	l.waitForWrites(50)
	l.endAndCheck(allowances{})
	require.Empty(t, c.gaps(), "the first replica set does not notice the refused instance")
}
