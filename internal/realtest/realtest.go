// Package realtest gives a test its own database on a real mongod and its own database of a real
// redis-server. The servers are child processes, one of each per test binary, started by the first
// test that asks.
package realtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/servers"
)

// Env is what one test owns: a MongoDB database and a Redis database, both empty.
type Env struct {
	MongoURI string
	Database string
	RedisURL string
}

var (
	shared struct {
		sync.Mutex
		dir   string
		mongo *servers.Mongod
		redis *servers.Redis
	}
	counter atomic.Int64
)

// Main runs a package's tests and stops the servers after them: `func TestMain(m *testing.M) { realtest.Main(m) }`.
func Main(m *testing.M) {
	code := m.Run()
	shared.Lock()
	if shared.mongo != nil {
		shared.mongo.Kill()
	}
	if shared.redis != nil {
		shared.redis.Kill()
	}
	_ = os.RemoveAll(shared.dir)
	os.Exit(code)
}

// New gives the test databases of its own. It fails the test where the servers cannot be had.
func New(t testing.TB) Env {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.mongo == nil {
		startShared(t)
	}
	n := counter.Add(1)
	if n > 255 {
		t.Fatal("realtest: more than 255 environments in one test binary; raise --databases")
	}
	return Env{
		MongoURI: shared.mongo.URI,
		Database: fmt.Sprintf("test_%d", n),
		RedisURL: fmt.Sprintf("%s/%d", shared.redis.URL, n),
	}
}

func startShared(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "grapevine-test-")
	must(t, err)
	shared.dir = dir
	mongod, err := servers.FindMongod(ctx)
	must(t, err)
	redisServer, err := servers.FindRedis(ctx)
	must(t, err)
	shared.redis, err = servers.StartRedis(ctx, redisServer, filepath.Join(dir, "redis"), 0)
	must(t, err)
	shared.mongo, err = servers.StartMongod(ctx, mongod, filepath.Join(dir, "mongo"), 0)
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("realtest: %v", err)
	}
}

// Mongo is a client of the test's MongoDB, closed when the test ends.
func (e Env) Mongo(t testing.TB) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(e.MongoURI))
	must(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client
}

// DB is the test's database.
func (e Env) DB(t testing.TB) *mongo.Database { return e.Mongo(t).Database(e.Database) }

// Redis is a client of the test's Redis database, closed when the test ends.
func (e Env) Redis(t testing.TB) *redis.Client {
	t.Helper()
	opt, err := redis.ParseURL(e.RedisURL)
	must(t, err)
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(opt)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
