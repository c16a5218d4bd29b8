// Package realtest gives each test a database on a real mongod and one on a real redis-server. The servers are
// child processes, or with GRAPEVINE_TEST_SERVERS=containers the official images. Each test binary has one of
// each, which its first test starts.
package realtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"
)

// Env is one test's own MongoDB database and Redis database. Both are empty at first.
type Env struct {
	MongoURI string
	Database string
	RedisURL string
}

// backend is a pair of running servers.
type backend struct {
	mongoURI string
	redisURL string // without a database number
	stop     func()
}

// shared is the backend of this test binary and the number of tests that use it.
var shared struct {
	sync.Mutex
	*backend
	err   error // why the backend did not start; later tests fail with it at once
	given int
}

// Main runs a package's tests and then stops the servers. It fails if the tests left goroutines behind. Call it
// from TestMain: `func TestMain(m *testing.M) { realtest.Main(m) }`.
func Main(m *testing.M) {
	code := m.Run()
	stop()
	if err := leaked(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "realtest: a test left goroutines behind:", err)
		code = 1
	}
	os.Exit(code)
}

// leaked returns an error if goroutines are left after all tests. It waits for fasthttp's goroutines, which end
// up to ten seconds after a shutdown. It does not check with containers, because the Docker client keeps some.
func leaked() error {
	if os.Getenv("GRAPEVINE_TEST_SERVERS") == "containers" {
		return nil
	}
	for deadline := time.Now().Add(10 * time.Second); ; { // one call waits for half a second
		err := goleak.Find(
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func stop() {
	shared.Lock()
	defer shared.Unlock()
	if shared.backend != nil {
		shared.stop()
		shared.backend = nil
	}
}

// New returns databases for one test. It fails the test if the servers do not start.
func New(t testing.TB) Env {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.backend == nil && shared.err == nil {
		shared.backend, shared.err = startBackend()
	}
	must(t, shared.err)
	shared.given++
	if shared.given > 255 {
		t.Fatal("realtest: more than 255 environments in one test binary; raise --databases")
	}
	return Env{
		MongoURI: shared.mongoURI,
		Database: fmt.Sprintf("test_%d", shared.given),
		RedisURL: fmt.Sprintf("%s/%d", shared.redisURL, shared.given),
	}
}

func startBackend() (*backend, error) {
	// This is long enough for a first download of programs or images.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	switch kind := os.Getenv("GRAPEVINE_TEST_SERVERS"); kind {
	case "", "processes":
		return startProcesses(ctx)
	case "containers":
		return startContainers(ctx)
	default:
		return nil, fmt.Errorf("GRAPEVINE_TEST_SERVERS is %q; it can be processes (the default) or containers", kind)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("realtest: %v", err)
	}
}

// Mongo returns a client of the test's MongoDB, which is closed when the test ends.
func (e Env) Mongo(t testing.TB) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(e.MongoURI))
	must(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client
}

// DB returns the test's database.
func (e Env) DB(t testing.TB) *mongo.Database {
	t.Helper()
	return e.Mongo(t).Database(e.Database)
}

// Redis returns a client of the test's Redis database, which is closed when the test ends.
func (e Env) Redis(t testing.TB) *redis.Client {
	t.Helper()
	opt, err := redis.ParseURL(e.RedisURL)
	must(t, err)
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(opt)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
