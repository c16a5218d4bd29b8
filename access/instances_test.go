package access

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// patience is how long a test waits for something that comes soon.
const patience = 20 * time.Second

// site is one database with some instances of access on it.
type site struct {
	accounts.Accounts
	db        *mongo.Database
	env       realtest.Env
	prefix    string
	mongo     func() *mongo.Database // a client for one more instance
	instances []*Access
}

// newSite prepares the collections. change may name other servers before the first client is made.
func newSite(t testing.TB, change ...func(*realtest.Env)) *site {
	t.Helper()
	env := realtest.New(t)
	s := &site{env: env, db: env.DB(t), prefix: grapevine.KeyPrefix(env.Database)}
	for _, change := range change {
		change(&env)
	}
	s.env = env
	s.Accounts = accounts.In(t, s.db)
	s.mongo = func() *mongo.Database { return realtest.Connect(t, env.MongoURI).Database(env.Database) }
	require.NoError(t, New(Config{DB: s.db, Clock: &grapevine.Clock{}}).Prepare(t.Context()))
	return s
}

// instance makes an instance, which runs until the test ends.
func (s *site) instance(t testing.TB, change ...func(*timing)) *Access {
	t.Helper()
	a := s.idle(t, change...)
	run(t, a)
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	s.instances = append(s.instances, a)
	return a
}

// idle makes an instance that does not run.
func (s *site) idle(t testing.TB, change ...func(*timing)) *Access {
	t.Helper()
	a := New(Config{DB: s.mongo(), Redis: s.env.Redis(t), Prefix: s.prefix, Clock: &grapevine.Clock{}})
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

// endings records how a follow ended.
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
