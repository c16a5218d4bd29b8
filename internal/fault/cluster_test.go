//go:build fault

package fault

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
)

// plan describes a cluster. The zero value is one mongod, one redis-server and two instances with all
// roles.
type plan struct {
	instances int               // 0 means 2, -1 means none
	nodes     int               // of the replica set; 0 means 1
	mongod    []string          // more arguments of mongod
	redis     []string          // more arguments of redis-server
	env       map[string]string // of every instance
	proxied   bool              // instances reach MongoDB through [cluster.proxy]
}

// cluster is the servers and instances of one test. All of them end with the test.
type cluster struct {
	t     *testing.T
	seed  uint64
	rng   *rand.Rand // for the test's own goroutine only
	dir   string
	plan  plan
	start time.Time

	mongod *servers.Mongod     // nil if the plan has several nodes
	set    *servers.ReplicaSet // nil if the plan has one node
	redis  *servers.Redis
	proxy  *servers.Proxy // nil unless proxied
	mail   *postbox

	mongoURI  string // for the instances
	client    *mongo.Client
	db        *mongo.Database // without the proxy; majority, journaled
	rdb       *redis.Client
	loads     int
	mu        sync.Mutex  // guards instances, which a running load reads
	instances []*instance // only the test's own goroutine adds to them
}

const database = "grapevine"

// newCluster starts the servers and the instances, and waits until one instance follows the change stream.
func newCluster(t *testing.T, seed uint64, p plan) *cluster {
	t.Helper()
	c := &cluster{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), dir: t.TempDir(), plan: p, start: time.Now()}
	t.Logf("seed %d", seed)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	direct := c.startMongo(ctx)
	path, err := servers.FindRedis(ctx)
	require.NoError(t, err)
	c.redis, err = servers.StartRedis(ctx, path, filepath.Join(c.dir, "redis"), 0, p.redis...)
	require.NoError(t, err)
	t.Cleanup(func() { c.redis.Kill() })
	c.rdb = redis.NewClient(&redis.Options{
		Addr: strings.TrimPrefix(c.redis.URL, "redis://"), ContextTimeoutEnabled: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = c.rdb.Close() })
	c.client, err = mongo.Connect(options.Client().ApplyURI(direct).
		SetTimeout(3 * time.Second).SetServerSelectionTimeout(2 * time.Second).
		SetReadConcern(readconcern.Majority()).SetWriteConcern(writeconcern.Majority()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.client.Disconnect(context.Background()) })
	c.db = c.client.Database(database)
	c.mail = newPostbox(t)

	n := p.instances
	if n == 0 {
		n = 2
	}
	for range max(0, n) {
		c.startInstance()
	}
	if n > 0 {
		c.waitForStreaming(30 * time.Second)
	}
	return c
}

// insertMany inserts documents in parts, each of which a busy machine stores within the timeout of the client.
func (c *cluster) insertMany(collection string, docs []any) {
	c.t.Helper()
	for part := range slices.Chunk(docs, 1000) {
		_, err := c.db.Collection(collection).InsertMany(c.t.Context(), part)
		require.NoError(c.t, err)
	}
}

// insertNoted inserts people with notes of so many bytes.
func (c *cluster) insertNoted(people, bytes int) {
	c.t.Helper()
	docs := make([]any, people)
	for n := range docs {
		docs[n] = bson.M{"workspace": "default", "kind": "person", "firstName": fmt.Sprintf("P%05d", n), "notes": strings.Repeat("n", bytes)}
	}
	c.insertMany(grapevine.CollectionContacts, docs)
}

// count counts the documents of a collection.
func (c *cluster) count(collection string, filter bson.D) int64 {
	c.t.Helper()
	n, err := c.db.Collection(collection).CountDocuments(c.t.Context(), filter)
	require.NoError(c.t, err)
	return n
}

func (c *cluster) startMongo(ctx context.Context) (direct string) {
	c.t.Helper()
	path, err := servers.FindMongod(ctx)
	require.NoError(c.t, err)
	args := append([]string{
		"--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false",
	}, c.plan.mongod...)
	dir := filepath.Join(c.dir, "mongo")
	if c.plan.nodes > 1 {
		c.set, err = servers.StartReplicaSet(ctx, path, dir, c.plan.nodes, args...)
		require.NoError(c.t, err)
		c.t.Cleanup(func() { c.set.Kill() })
		c.mongoURI = c.set.URI
		return c.mongoURI
	}
	c.mongod, err = servers.StartMongod(ctx, path, dir, 0, args...)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { c.mongod.Kill() })
	c.mongoURI = c.mongod.URI
	if c.plan.proxied {
		host := strings.TrimPrefix(c.mongod.URI, "mongodb://")
		host, rest, _ := strings.Cut(host, "/")
		c.proxy, err = servers.NewProxy(host)
		require.NoError(c.t, err)
		c.t.Cleanup(c.proxy.Close)
		c.mongoURI = "mongodb://" + c.proxy.Addr() + "/" + rest
	}
	return c.mongod.URI
}

// logf logs with the time since the start of the test.
func (c *cluster) logf(format string, args ...any) {
	c.t.Helper()
	c.t.Logf("%6.1fs "+format, append([]any{time.Since(c.start).Seconds()}, args...)...)
}

// eventually waits for a condition and returns how long that took. A busy machine gets more time.
func (c *cluster) eventually(within time.Duration, what string, ok func() bool) time.Duration {
	c.t.Helper()
	watch := realtest.StartStopwatch(c.t)
	defer watch.Stop()
	for !ok() {
		if watch.Elapsed() > watch.Allow(within) {
			require.FailNow(c.t, "did not happen: "+what, "after %s", watch.Stop().Round(time.Millisecond))
		}
		time.Sleep(20 * time.Millisecond)
	}
	return watch.Elapsed()
}

// holder is the instance that holds the lease. It is nil if no instance of the test holds it.
func (c *cluster) holder() *instance {
	lease := c.rdb.Get(c.t.Context(), key(grapevine.KeyLease)).Val()
	for _, i := range c.instances {
		if i.Process != nil && strings.Contains(lease, i.pid()+"/") {
			return i
		}
	}
	return nil
}

// standby returns a running instance that does not hold the lease.
func (c *cluster) standby() *instance {
	c.t.Helper()
	holder := c.holder()
	for _, i := range c.instances {
		if i != holder && i.running() {
			return i
		}
	}
	require.Fail(c.t, "no instance is a standby")
	return nil
}

// waitForStreaming waits until a running instance holds the lease and a heartbeat has passed all effects.
func (c *cluster) waitForStreaming(within time.Duration) time.Duration {
	c.t.Helper()
	return c.eventually(within, "an instance follows the change stream", func() bool {
		return slices.ContainsFunc(c.instances, func(i *instance) bool {
			m := i.metrics()
			_, known := m["grapevine_watcher_lag_seconds"]
			return known && m["grapevine_watcher_holder"] == 1
		})
	})
}

// sum adds up a metric of the running instances.
func (c *cluster) sum(name string) float64 {
	total := 0.0
	for _, i := range c.instances {
		for key, value := range i.metrics() {
			if key == name || strings.HasPrefix(key, name+"{") {
				total += value
			}
		}
	}
	return total
}

// checkpoint is the position up to which everything is applied. It is zero without a checkpoint.
func (c *cluster) checkpoint() grapevine.Position {
	p, _ := grapevine.ParsePosition(c.rdb.HGet(c.t.Context(), key(grapevine.KeyCheckpoint), "position").Val())
	return p
}

// gap is one document of the collection gaps.
type gap struct {
	Reason      string     `bson:"reason"`
	From        string     `bson:"from"`
	To          string     `bson:"to"`
	State       string     `bson:"state"`
	Preexisting bool       `bson:"preexisting"`
	Seen        int64      `bson:"seen"`
	Backfilled  int64      `bson:"touched"`
	StartedAt   time.Time  `bson:"startedAt"`
	FinishedAt  *time.Time `bson:"finishedAt"`
}

// gaps returns the recorded gaps without the first start, oldest first.
func (c *cluster) gaps() []gap {
	c.t.Helper()
	cursor, err := c.db.Collection(grapevine.CollectionGaps).Find(c.t.Context(), bson.D{{Key: "reason", Value: bson.D{{Key: "$ne", Value: "first start"}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil
	}
	var found []gap
	if err := cursor.All(c.t.Context(), &found); err != nil {
		return nil
	}
	return found
}

// waitForHealedGap waits until there are at least n gaps and all are healed, and returns the newest.
func (c *cluster) waitForHealedGap(n int, within time.Duration) gap {
	c.t.Helper()
	var found []gap
	c.eventually(within, "the gap is healed", func() bool {
		found = c.gaps()
		return len(found) >= n && !slices.ContainsFunc(found, func(g gap) bool { return g.State != "done" })
	})
	g := found[len(found)-1]
	c.logf("gap healed: %s; %d contacts scanned, %d enqueued, in %s", g.Reason, g.Seen, g.Backfilled, g.FinishedAt.Sub(g.StartedAt).Round(time.Millisecond))
	return g
}

// admin runs a command of the admin database.
func (c *cluster) admin(command bson.D) {
	c.t.Helper()
	require.NoError(c.t, c.client.Database("admin").RunCommand(c.t.Context(), command).Err())
}

// merged has the entries of a and b; b wins.
func merged(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, b)
	return both
}

// key is a Redis key of the product.
func key(name string) string { return grapevine.KeyPrefix(database) + name }

// asynqKey is a Redis key that Asynq keeps for the queue of welcomes.
func asynqKey(name string) string { return "asynq:{" + database + "}:" + name }

// splitsEvents reports whether mongod can split an event that exceeds 16 MB.
func (c *cluster) splitsEvents() bool {
	c.t.Helper()
	cursor, err := c.db.Watch(c.t.Context(), bson.A{bson.D{{Key: "$changeStreamSplitLargeEvent", Value: bson.D{}}}})
	if err == nil {
		require.NoError(c.t, cursor.Close(c.t.Context()))
	}
	return err == nil
}
