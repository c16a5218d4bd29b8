package access

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest/accounts"
)

// Each way to take a right away ends it on every instance, for requests and for those who are followed.
func TestEveryWayToEndARight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, other := s.instance(t), s.instance(t)
	type subject struct {
		user          accounts.User
		secret, token string
	}
	for name, test := range map[string]struct {
		end            func(t *testing.T, x subject)
		session, token End // 0: it stays
	}{
		"the session is deleted": {func(t *testing.T, x subject) { deleteOne(t, s.db, "sessions", accounts.Hash(x.secret)) }, EndSignedOut, 0},
		"the token is deleted":   {func(t *testing.T, x subject) { deleteOne(t, s.db, "tokens", accounts.Hash(x.token)) }, 0, EndSignedOut},
		"the user is deleted":    {func(t *testing.T, x subject) { deleteOne(t, s.db, "users", x.user.ID) }, EndSignedOut, EndSignedOut},
		"the user is disabled":   {func(_ *testing.T, x subject) { s.Set(x.user, bson.M{"disabled": true}) }, EndSignedOut, EndSignedOut},
		"the password is set":    {func(_ *testing.T, x subject) { s.Set(x.user, bson.M{"password": "$argon2id$other"}) }, EndSignedOut, 0},
		"the epoch is raised":    {func(_ *testing.T, x subject) { s.Set(x.user, bson.M{"epoch": 1}) }, EndSignedOut, 0},
		"the membership goes":    {func(_ *testing.T, x subject) { s.Leave(x.user, "sales") }, EndForbidden, EndForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			user := s.User("sales:editor", "lab:viewer")
			x := subject{user, s.Session(user), s.Token(user, "sales", "editor")}
			type pair struct{ session, token, lab ended }
			var follows []pair
			for _, a := range []*Access{one, other} {
				session, token := bySession(t, a, x.secret), byToken(t, a, x.token)
				follows = append(follows, pair{watch(t, a, session, "sales"), watch(t, a, token, "sales"), watch(t, a, session, "lab")})
			}
			test.end(t, x)
			for i, a := range []*Access{one, other} {
				if test.session != 0 {
					require.Equal(t, test.session, follows[i].session.in(t, patience))
				}
				if test.token != 0 {
					require.Equal(t, test.token, follows[i].token.in(t, patience))
				}
				if test.session == EndSignedOut {
					require.Equal(t, EndSignedOut, follows[i].lab.in(t, patience))
					requireCode(t, grapevine.Unauthorized, sessionOf(a, x.secret)())
				} else {
					follows[i].lab.none(t)
					require.NoError(t, sessionOf(a, x.secret)())
				}
				if test.token == EndSignedOut {
					requireCode(t, grapevine.Unauthorized, tokenOf(a, x.token)())
				} else {
					require.NoError(t, tokenOf(a, x.token)())
				}
				if test.session == 0 {
					follows[i].session.none(t)
				}
				if test.token == 0 {
					follows[i].token.none(t)
				}
			}
		})
	}
	require.Zero(t, other.follows.size()-one.follows.size())
}

// A token is deleted while it is read for the first time by whoever follows it: the event names a hash that nobody is known
// by yet.
func TestATokenThatIsDeletedDuringItsFirstRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.idle(t)
	text := s.Token(accounts.User{}, "sales", "viewer")
	p := byToken(t, a, text)
	hash, ok := parseSecretHash(accounts.Hash(text))
	require.True(t, ok)
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	t.Cleanup(func() { cancel(); loops.Wait() })
	loops.Go(func() { a.followStream(ctx) })
	require.Eventually(t, a.proof.isFresh, patience, time.Millisecond)
	a.held.mu.Lock()
	a.held.remove(a.held.rights[hash]) // another right needed its place
	a.held.mu.Unlock()

	followed := watch(t, a, p, "sales")
	kind, some := a.follows.takeUnread(a.proof.now())
	require.Len(t, some, 1)
	start := a.held.start()
	found, err := a.load(ctx, kind, []string{some[0].id}, start.reached)
	require.NoError(t, err)
	require.NotNil(t, found[some[0].id])
	deleteOne(t, s.db, "tokens", accounts.Hash(text))
	require.Eventually(t, func() bool { return a.named(accounts.Hash(text)) }, patience, time.Millisecond)
	a.takeFound(some, found, start)

	loops.Go(func() { a.readFollowed(ctx) })
	loops.Go(func() { a.follows.endings.run(ctx, a.metrics.ended) })
	require.Equal(t, EndSignedOut, followed.in(t, patience))
}
