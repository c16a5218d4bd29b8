package access

import (
	"context"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// A hundred rights end in MongoDB, one after the other. Both instances refuse within a second, whatever Redis is doing.
func TestARightEndsWithinASecond(t *testing.T) {
	t.Parallel()
	for _, hung := range []bool{false, true} {
		redis := realtest.StartRedis(t)
		s := newSite(t, func(env *realtest.Env) { env.RedisURL = redis.URL })
		one, other := s.instance(t), s.instance(t)
		if hung {
			require.NoError(t, redis.Signal(syscall.SIGSTOP))
			t.Cleanup(func() { _ = redis.Signal(syscall.SIGCONT) })
		}
		watch := realtest.StartStopwatch(t)
		var took []time.Duration
		for i := range 100 {
			took = append(took, s.timeOfEnd(t, i, one, other)...)
		}
		watch.Stop()
		slices.Sort(took)
		p99 := took[len(took)*99/100]
		t.Logf("Redis hung: %t: a right ended after %s (p50), %s (p99), %s (worst)", hung, took[len(took)/2], p99, took[len(took)-1])
		require.Less(t, p99, watch.Allow(time.Second))
	}
}

// timeOfEnd ends the right of a new session in one of the ways, and returns how long each instance took to refuse it and
// to end who was followed.
func (s *site) timeOfEnd(t *testing.T, i int, instances ...*Access) (took []time.Duration) {
	t.Helper()
	user := s.User("sales:viewer")
	secret := s.Session(user)
	var follows []ended
	for _, a := range instances {
		follows = append(follows, watch(t, a, bySession(t, a, secret), "sales"))
	}
	want := EndSignedOut
	began := time.Now()
	switch i % 5 {
	case 0:
		deleteOne(t, s.db, "sessions", accounts.Hash(secret))
	case 1:
		deleteOne(t, s.db, "users", user.ID)
	case 2:
		s.Set(user, bson.M{"disabled": true})
	case 3:
		s.Set(user, bson.M{"epoch": 7})
	case 4:
		s.Leave(user, "sales")
		want = EndForbidden
	}
	for i, a := range instances {
		require.Equal(t, want, follows[i].in(t, patience))
		p, err := a.BySession(context.Background(), secret)
		require.True(t, err != nil && want == EndSignedOut || err == nil && p.RoleIn("sales") == "", "%v %v", p, err)
		took = append(took, time.Since(began))
	}
	return took
}

// The rights of a token are the lower of its role and what its user may there at this moment.
func TestATokenFollowsItsUser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, other := s.instance(t), s.instance(t)
	user := s.User("sales:admin")
	text := s.Token(user, "sales", "editor")
	roles := func(want grapevine.Role) {
		t.Helper()
		for _, a := range []*Access{one, other} {
			require.Eventually(t, func() bool { return byToken(t, a, text).RoleIn("sales") == want }, patience, time.Millisecond)
		}
	}
	roles(grapevine.Editor)
	s.SetRole(user, "sales", "viewer")
	roles(grapevine.Viewer)
	s.SetRole(user, "sales", "admin")
	roles(grapevine.Editor)
	s.Leave(user, "sales")
	roles("")
	s.Set(user, bson.M{"admin": true})
	roles(grapevine.Editor)
	require.False(t, byToken(t, one, text).Admin, "a token is never an admin of the instance")
	require.Empty(t, byToken(t, one, text).RoleIn("lab"), "nor does it reach another workspace")
	s.Set(user, bson.M{"disabled": true})
	for _, a := range []*Access{one, other} {
		eventually(t, grapevine.Unauthorized, tokenOf(a, text))
	}
}

// A socket without a workspace is for admins of the instance.
func TestAFollowOfTheInstanceEndsWithTheAdmin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	admin := s.Admin()
	p := bySession(t, a, s.Session(admin))
	pipeline, sales := watch(t, a, p, ""), watch(t, a, p, "sales")
	user := s.User("sales:admin")
	require.Equal(t, EndForbidden, watch(t, a, bySession(t, a, s.Session(user)), "").in(t, patience), "he never was one")
	s.Set(admin, bson.M{"admin": false, "memberships": bson.A{bson.M{"workspace": "sales", "role": "viewer"}}})
	require.Equal(t, EndForbidden, pipeline.in(t, patience))
	sales.none(t)
	require.Equal(t, EndSignedOut, watch(t, a, nil, "sales").in(t, patience), "nobody has no right")
	watch(t, a, grapevine.Anyone, "").none(t)
}

// A follow of a principal whose right ended before it began ends too.
func TestAFollowThatBeginsTooLateEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	user := s.User("sales:viewer")
	secret, text := s.Session(user), s.Token(user, "sales", "viewer")
	session, token := bySession(t, a, secret), byToken(t, a, text)
	deleteOne(t, s.db, "users", user.ID)
	eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
	require.Equal(t, EndSignedOut, watch(t, a, session, "sales").in(t, patience))
	require.Equal(t, EndSignedOut, watch(t, a, token, "sales").in(t, patience))
	require.Eventually(t, func() bool { return a.follows.size() == 0 }, patience, time.Millisecond)
}

// A follow that was stopped never ends.
func TestAStoppedFollowIsNotCalled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	user := s.User("sales:viewer")
	p := bySession(t, a, s.Session(user))
	stopped := make(chan End, 1)
	stop := a.Follow(p, "sales", func(why End) { stopped <- why })
	kept := watch(t, a, p, "sales")
	stop()
	stop()
	deleteOne(t, s.db, "users", user.ID)
	require.Equal(t, EndSignedOut, kept.in(t, patience))
	require.Empty(t, stopped)
	require.Empty(t, a.follows.subjects)
	require.Empty(t, a.follows.ofUser)
	require.Empty(t, a.follows.ofSecret)
}

// Whoever has read the answer of a change sees its effect in the next request to the same instance.
func TestAChangeHoldsForTheNextRequest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	boss := bySession(t, a, s.Session(s.Admin()))
	for range 20 {
		user := s.User("sales:editor")
		secret, other, text := s.Session(user), s.Session(user), s.Token(user, "sales", "editor")
		session, token := settled(t, a, secret), byToken(t, a, text)
		settled(t, a, other)
		require.NoError(t, a.EndOtherSessions(t.Context(), session))
		requireCode(t, grapevine.Unauthorized, sessionOf(a, other)())
		_, err := a.SetMember(t.Context(), boss, "sales", user.ID.Hex(), grapevine.Viewer)
		require.NoError(t, err)
		require.Equal(t, grapevine.Viewer, bySession(t, a, secret).RoleIn("sales"))
		require.NoError(t, a.RevokeToken(t.Context(), session, token.ID))
		requireCode(t, grapevine.Unauthorized, tokenOf(a, text)())
		require.NoError(t, a.SignOut(t.Context(), session))
		requireCode(t, grapevine.Unauthorized, sessionOf(a, secret)())
	}
}
