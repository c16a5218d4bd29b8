package access

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// shortGrace makes a test of an outage short.
func shortGrace(times *timing) {
	times.fresh, times.shared, times.grace = 700*time.Millisecond, 200*time.Millisecond, 5*time.Second
	times.await, times.stream, times.read, times.tick = 100*time.Millisecond, time.Second, 500*time.Millisecond, 50*time.Millisecond
}

// MongoDB hangs, and then refuses connections. Who was proven a moment ago goes on reading for a while, nobody else does,
// and nobody is told that he is not signed in.
func TestMongoHung(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	direct := accountsIn(t, env)
	proxy := proxied(t, &env.MongoURI)
	a := direct.idleOn(t, env, shortGrace)
	run(t, a)
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	user := direct.User("sales:editor")
	secret, text, stranger := direct.Session(user), direct.Token(user, "sales", "editor"), direct.Session(user)
	session, token := bySession(t, a, secret), byToken(t, a, text)
	followed, tokens := watch(t, a, session, "sales"), watch(t, a, token, "sales")
	for _, fault := range []func(){proxy.Stall, func() { proxy.Stall(); proxy.Cut() }} {
		require.Eventually(t, func() bool { p, err := a.BySession(t.Context(), secret); return err == nil && !p.Unproven }, patience, time.Millisecond)
		require.Eventually(t, func() bool { p, err := a.ByToken(t.Context(), text, home); return err == nil && !p.Unproven }, patience, time.Millisecond)
		fault()
		hung := time.Now()
		require.Eventually(t, func() bool { return bySession(t, a, secret).Unproven && byToken(t, a, text).Unproven }, patience, time.Millisecond)
		p := bySession(t, a, secret)
		require.Same(t, p, bySession(t, a, secret), "the principal is shared")
		require.Equal(t, grapevine.Editor, p.RoleIn("sales"), "the request decides what Unproven allows")
		eventually(t, grapevine.Unavailable, sessionOf(a, stranger))
		current, err := a.Current(t.Context(), session)
		require.NoError(t, err)
		require.True(t, current.Unproven)
		_, err = a.ByAuthor(t.Context(), grapevine.Author{Kind: grapevine.ByUser, ID: user.ID.Hex()})
		requireCode(t, grapevine.Unavailable, err)
		watch := realtest.StartStopwatch(t)
		for range 100 {
			_, _ = a.BySession(t.Context(), secret)
		}
		require.Less(t, watch.Stop(), watch.Allow(2*time.Second), "one request at a time waits for MongoDB")
		t.Logf("unproven for %s", time.Since(hung))
		followed.none(t)
		proxy.Forward()
		proxy.Cut()
	}
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	require.Eventually(t, func() bool { p, err := a.BySession(t.Context(), secret); return err == nil && !p.Unproven }, patience, time.Millisecond)

	proxy.Stall()
	hung := time.Now()
	require.Equal(t, EndUnavailable, followed.in(t, patience))
	require.Equal(t, EndUnavailable, tokens.in(t, patience))
	require.GreaterOrEqual(t, time.Since(hung), 3*time.Second, "not before the grace is over")
	for hung := time.Now(); time.Since(hung) < time.Second; {
		requireCode(t, grapevine.Unavailable, sessionOf(a, secret)())
		requireCode(t, grapevine.Unavailable, tokenOf(a, text)())
	}
	proxy.Forward()
	proxy.Cut()
	require.Eventually(t, func() bool { _, err := a.BySession(t.Context(), secret); return err == nil }, patience, time.Millisecond)
}

// What the stream named is not proven, although MongoDB hangs before it is read again.
func TestNoGraceForWhatChanged(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	direct := accountsIn(t, env)
	stream := env.MongoURI
	proxy := proxied(t, &env.MongoURI)
	a := direct.idleOn(t, env, shortGrace)
	a.cfg.Stream = realtest.Connect(t, stream).Database(env.Database)
	run(t, a)
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	user := direct.User("sales:editor")
	secret := direct.Session(user)
	followed := watch(t, a, settled(t, a, secret), "sales")
	proxy.Stall() // reads hang, and the stream goes on
	require.False(t, bySession(t, a, secret).Unproven, "the stream proves it without a read")
	direct.Set(user, bson.M{"disabled": true})
	eventually(t, grapevine.Unavailable, sessionOf(a, secret))
	proxy.Forward()
	require.Equal(t, EndSignedOut, followed.in(t, patience))
	eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
}
