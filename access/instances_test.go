package access

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
	"grapevine/internal/redisx"
)

// patience is how long a test waits for something that comes soon.
const patience = 20 * time.Second

// site is one database with some instances of access on it.
type site struct {
	accounts.Accounts
	db  *mongo.Database
	env realtest.Env
}

// newSite prepares the collections. change may name other servers for the instances.
func newSite(t testing.TB, change ...func(*realtest.Env)) *site {
	t.Helper()
	env := realtest.New(t)
	s := accountsIn(t, env)
	for _, change := range change {
		change(&s.env)
	}
	return s
}

// accountsIn is a site whose own connection nothing disturbs.
func accountsIn(t testing.TB, env realtest.Env) *site {
	t.Helper()
	db := env.DB(t)
	require.NoError(t, New(Config{DB: db, Clock: &grapevine.Clock{}}).Prepare(t.Context()))
	return &site{Accounts: accounts.In(t, db), env: env, db: db}
}

// instance makes an instance, which runs until the test ends.
func (s *site) instance(t testing.TB, change ...func(*timing)) *Access {
	t.Helper()
	a := s.idle(t, change...)
	run(t, a)
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	return a
}

// idle makes an instance that does not run.
func (s *site) idle(t testing.TB, change ...func(*timing)) *Access {
	t.Helper()
	return s.idleOn(t, s.env, change...)
}

// idleOn makes an instance that reaches its servers in another way.
func (s *site) idleOn(t testing.TB, env realtest.Env, change ...func(*timing)) *Access {
	t.Helper()
	clock := &grapevine.Clock{}
	a := New(Config{
		DB: realtest.Connect(t, env.MongoURI).Database(env.Database), Redis: redisClient(t, env.RedisURL),
		Prefix: grapevine.KeyPrefix(env.Database), Clock: clock,
	})
	times := standardTiming
	for _, change := range change {
		change(&times)
	}
	a.initFollowing(times)
	return a
}

// run runs an instance until the test ends, or stop is called.
func run(t testing.TB, a *Access) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return stop
}

// ended records how a follow ended.
type ended struct{ ch chan End }

func watch(t testing.TB, a *Access, p *grapevine.Principal, workspace string) ended {
	t.Helper()
	e := ended{make(chan End, 10)}
	t.Cleanup(a.Follow(p, workspace, func(why End) { e.ch <- why }))
	return e
}

// in waits for the end, and returns it with the time it took.
func (e ended) in(t testing.TB, limit time.Duration) End {
	t.Helper()
	select {
	case why := <-e.ch:
		return why
	case <-time.After(limit):
		t.Fatal("the follow did not end")
		return 0
	}
}

// none requires that it has not ended yet.
func (e ended) none(t testing.TB) {
	t.Helper()
	select {
	case why := <-e.ch:
		t.Fatalf("the follow ended with %d", why)
	default:
	}
}

func bySession(t testing.TB, a *Access, secret string) *grapevine.Principal {
	t.Helper()
	p, err := a.BySession(t.Context(), secret)
	require.NoError(t, err)
	return p
}

func byToken(t testing.TB, a *Access, text string) *grapevine.Principal {
	t.Helper()
	p, err := a.ByToken(t.Context(), text, home)
	require.NoError(t, err)
	return p
}

// eventually waits until what is asked for has the code.
func eventually(t testing.TB, code grapevine.Code, ask func() error) {
	t.Helper()
	require.Eventually(t, func() bool {
		err := ask()
		return err != nil && grapevine.ErrorCode(err) == code
	}, patience, time.Millisecond, "it never became %s", code)
}

func sessionOf(a *Access, secret string) func() error {
	return func() error { _, err := a.BySession(context.Background(), secret); return err }
}

func tokenOf(a *Access, text string) func() error {
	return func() error { _, err := a.ByToken(context.Background(), text, netip.Addr{}); return err }
}

func deleteOne(t testing.TB, db *mongo.Database, collection string, id any) {
	t.Helper()
	result, err := db.Collection(collection).DeleteOne(context.WithoutCancel(t.Context()), bson.M{"_id": id})
	require.NoError(t, err)
	require.EqualValues(t, 1, result.DeletedCount)
}

// readsOf is how often an instance has read rights from MongoDB.
func readsOf(t testing.TB, a *Access) int {
	t.Helper()
	var m dto.Metric
	require.NoError(t, a.metrics.reads.Write(&m))
	return int(m.GetCounter().GetValue())
}

// redisClient is a client like that of the product: its calls end with their context.
func redisClient(t testing.TB, address string) *redis.Client {
	t.Helper()
	server, err := redisx.Parse(address)
	require.NoError(t, err)
	client := server.CacheClient()
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// settled is the principal of a new session, once the stream has named its sign-in.
func settled(t testing.TB, a *Access, secret string) (p *grapevine.Principal) {
	t.Helper()
	require.Eventually(t, func() bool {
		p = bySession(t, a, secret)
		h, _ := sumSecret(secret)
		held := a.held.get(h)
		return held != nil && held.stream != 0 && a.named(held.right.hash)
	}, patience, time.Millisecond)
	return bySession(t, a, secret)
}

func (a *Access) named(id string) bool {
	a.held.mu.RLock()
	defer a.held.mu.RUnlock()
	_, named := a.held.named.at[id]
	return named
}
