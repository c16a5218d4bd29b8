package access

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
	"grapevine/internal/servers"
)

// proxied puts a proxy in front of a server of a URL.
func proxied(t testing.TB, address *string) *servers.Proxy {
	t.Helper()
	u, err := url.Parse(*address)
	require.NoError(t, err)
	proxy, err := servers.NewProxy(u.Host)
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	u.Host = proxy.Addr()
	*address = u.String()
	return proxy
}

// killCursors kills the cursors of all change streams on the users of a database, and returns their number.
func killCursors(t testing.TB, db *mongo.Database) (n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	cursor, err := db.Client().Database("admin").Aggregate(ctx, mongo.Pipeline{
		{{Key: "$currentOp", Value: bson.D{{Key: "idleCursors", Value: true}, {Key: "allUsers", Value: true}}}},
		{{Key: "$match", Value: bson.D{
			{Key: "ns", Value: bson.D{{Key: "$regex", Value: "^" + db.Name() + `\.`}}},
			{Key: "cursor.originatingCommand.pipeline.$changeStream", Value: bson.D{{Key: "$exists", Value: true}}},
		}}},
	})
	require.NoError(t, err)
	var open []struct {
		Cursor struct {
			ID int64 `bson:"cursorId"`
		} `bson:"cursor"`
	}
	require.NoError(t, cursor.All(ctx, &open))
	for _, op := range open {
		require.NoError(t, db.RunCommand(ctx, bson.D{{Key: "killCursors", Value: "$cmd.aggregate"}, {Key: "cursors", Value: bson.A{op.Cursor.ID}}}).Err())
	}
	return len(open)
}

// The stream's cursor is killed again and again while rights end. None of them is missed.
func TestCursorKilled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	for range 10 {
		user := s.User("sales:viewer")
		secret := s.Session(user)
		followed := watch(t, a, bySession(t, a, secret), "sales")
		require.Eventually(t, func() bool { return killCursors(t, s.db) > 0 }, patience, time.Millisecond)
		began := time.Now()
		deleteOne(t, s.db, "users", user.ID)
		require.Equal(t, EndSignedOut, followed.in(t, patience))
		requireCode(t, grapevine.Unauthorized, sessionOf(a, secret)())
		t.Logf("ended after %s", time.Since(began))
	}
	require.Positive(t, a.streamsOpened()-1)
}

// streamsOpened is how often the stream was opened.
func (a *Access) streamsOpened() uint64 {
	a.held.mu.RLock()
	defer a.held.mu.RUnlock()
	return a.held.streams
}

// Only the stream's connection hangs. What is held stops to count after two seconds; MongoDB is asked then.
func TestStreamHung(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	env := s.env
	proxy := proxied(t, &env.MongoURI)
	a := s.idle(t)
	a.cfg.Stream = realtest.Connect(t, env.MongoURI).Database(env.Database)
	run(t, a)
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	user := s.User("sales:viewer")
	secret, text := s.Session(user), s.Token(user, "sales", "viewer")
	p := bySession(t, a, secret)
	byToken(t, a, text)
	followed, lab := watch(t, a, p, "sales"), watch(t, a, byToken(t, a, text), "sales")
	proxy.Stall()
	watch := realtest.StartStopwatch(t)
	deleteOne(t, s.db, "users", user.ID)
	eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
	eventually(t, grapevine.Unauthorized, tokenOf(a, text))
	require.Equal(t, EndSignedOut, followed.in(t, patience))
	require.Equal(t, EndSignedOut, lab.in(t, patience))
	took := watch.Stop()
	t.Logf("ended after %s", took)
	require.Less(t, took, watch.Allow(4*time.Second), "two seconds of proof, and a read each second")

	// One read serves all who ask within a second.
	user = s.User("sales:viewer")
	secret = s.Session(user)
	before := readsOf(t, a)
	for began := time.Now(); time.Since(began) < time.Second; {
		bySession(t, a, secret)
	}
	require.LessOrEqual(t, readsOf(t, a)-before, 3)

	proxy.Forward()
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
}

// A collection is dropped or renamed, and comes back. What it held is gone at once.
func TestCollectionDropped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	admin := s.db.Client().Database("admin")
	drop := func(name string) {
		require.NoError(t, s.db.Collection(name).Drop(t.Context()))
	}
	rename := func(name string) {
		require.NoError(t, admin.RunCommand(t.Context(), bson.D{
			{Key: "renameCollection", Value: s.env.Database + "." + name}, {Key: "to", Value: s.env.Database + ".old_" + name},
		}).Err())
	}
	for name, take := range map[string]func(){
		"drop sessions":   func() { drop("sessions") },
		"drop tokens":     func() { drop("tokens") },
		"rename sessions": func() { rename("sessions") },
		"rename users":    func() { rename("users") },
	} {
		t.Run(name, func(t *testing.T) {
			user := s.User("sales:viewer")
			secret, text := s.Session(user), s.Token(user, "sales", "viewer")
			session, token := watch(t, a, bySession(t, a, secret), "sales"), watch(t, a, byToken(t, a, text), "sales")
			opened := a.streamsOpened()
			take()
			if name != "drop tokens" {
				require.Equal(t, EndSignedOut, session.in(t, patience))
				eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
			}
			if name == "drop tokens" || name == "rename users" {
				require.Equal(t, EndSignedOut, token.in(t, patience))
				eventually(t, grapevine.Unauthorized, tokenOf(a, text))
			}
			require.Eventually(t, func() bool { return a.streamsOpened() > opened && a.proof.isFresh() }, patience, time.Millisecond)
		})
	}
	require.NoError(t, s.db.Drop(t.Context()))
	user := s.User("sales:viewer")
	secret := s.Session(user)
	followed := watch(t, a, bySession(t, a, secret), "sales")
	require.NoError(t, s.db.Drop(t.Context()))
	require.Equal(t, EndSignedOut, followed.in(t, patience))
	eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
}

// Another collection of the database may come and go.
func TestOtherCollectionsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	secret := s.Session(s.User("sales:viewer"))
	p := settled(t, a, secret)
	_, err := s.db.Collection("contacts").InsertOne(t.Context(), bson.M{"a": 1})
	require.NoError(t, err)
	require.NoError(t, s.db.Collection("contacts").Drop(t.Context()))
	user := s.User()
	followed := watch(t, a, bySession(t, a, s.Session(user)), "")
	require.Equal(t, EndForbidden, followed.in(t, patience))
	require.EqualValues(t, 1, a.streamsOpened())
	require.Same(t, p, bySession(t, a, secret))
	deleteOne(t, s.db, "sessions", accounts.Hash(secret))
	eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
}

// Another election makes a primary. The cursor lives on, but what its server says counts no more: the stream is opened
// again. Nobody gets 401 in the meantime, and a right that ends afterwards is seen.
func TestAnotherPrimary(t *testing.T) {
	t.Parallel()
	mongod := realtest.StartMongod(t)
	env := realtest.New(t)
	env.MongoURI = mongod.URI
	s := accountsIn(t, env)
	a := s.instance(t)
	user := s.User("sales:viewer")
	secret := s.Session(user)
	followed := watch(t, a, settled(t, a, secret), "sales")
	opened := a.streamsOpened()
	_ = s.db.Client().Database("admin").RunCommand(t.Context(), bson.D{{Key: "replSetStepDown", Value: 2}, {Key: "force", Value: true}}).Err()
	require.Eventually(t, func() bool {
		err := sessionOf(a, secret)()
		if err != nil {
			require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%v", err)
		}
		return err == nil && a.streamsOpened() > opened && a.proof.isFresh()
	}, 2*patience, 10*time.Millisecond)
	followed.none(t)
	deleteOne(t, s.db, "users", user.ID)
	require.Equal(t, EndSignedOut, followed.in(t, patience))
	eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
}
