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

func storedIn[T any](t testing.TB, s *site, collection, id string) (document T) {
	t.Helper()
	require.NoError(t, s.db.Collection(collection).FindOne(t.Context(), bson.M{"_id": id}).Decode(&document))
	return document
}

func setIn(t testing.TB, s *site, collection, id string, fields bson.M) {
	t.Helper()
	_, err := s.db.Collection(collection).UpdateByID(context.WithoutCancel(t.Context()), id, bson.M{"$set": fields})
	require.NoError(t, err)
}

// The time of last use is stored once by all instances together, and costs none of them a read.
func TestUseIsStoredSeldom(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, other := s.instance(t), s.instance(t)
	user := s.User("sales:editor")
	secret, text := s.Session(user), s.Token(user, "sales", "editor")
	session, token := accounts.Hash(secret), accounts.Hash(text)
	past := time.Now().Add(-11 * time.Minute).UTC().Truncate(time.Millisecond)
	setIn(t, s, "sessions", session, bson.M{"seenAt": past, "expiresAt": past.Add(14 * 24 * time.Hour), "createdAt": past})
	setIn(t, s, "tokens", token, bson.M{"usedAt": past})
	changes, err := s.db.Watch(t.Context(), bson.A{bson.M{"$match": bson.M{"operationType": "update"}}})
	require.NoError(t, err)
	defer changes.Close(context.Background())
	followed := watch(t, one, settled(t, one, secret), "sales")
	settled(t, other, secret)

	var group sync.WaitGroup
	for _, a := range []*Access{one, other} {
		group.Go(func() {
			for range 5000 {
				_, err := a.BySession(t.Context(), secret)
				require.NoError(t, err)
				_, err = a.ByToken(t.Context(), text, home)
				require.NoError(t, err)
			}
		})
	}
	group.Wait()
	require.Eventually(t, func() bool {
		return storedIn[Session](t, s, "sessions", session).SeenAt.After(past) && storedIn[Token](t, s, "tokens", token).UsedAt.After(past)
	}, patience, time.Millisecond)
	after := storedIn[Session](t, s, "sessions", session)
	require.WithinDuration(t, after.SeenAt.Add(14*24*time.Hour), after.ExpiresAt, time.Second, "the stored end moves with the use")
	sum, _ := sumSecret(secret)
	p, reads := bySession(t, one, secret), readsOf(t, one)
	setIn(t, s, "sessions", session, bson.M{"seenAt": past})
	require.Eventually(t, func() bool { return one.held.get(sum).lastUse.Load().seen.Equal(past) }, patience, time.Millisecond)
	require.Same(t, p, bySession(t, one, secret))
	require.Equal(t, reads, readsOf(t, one))
	followed.none(t)

	updates := map[string]int{}
	require.Eventually(t, func() bool {
		for changes.TryNext(t.Context()) {
			key, _ := changes.Current.Lookup("documentKey", "_id").StringValueOK()
			updates[key]++
		}
		return updates[session] > 1
	}, patience, time.Millisecond)
	require.LessOrEqual(t, updates[session], 3, "one by the instances, one by the test, and perhaps one more after it")
	require.Equal(t, 1, updates[token])
}

// A document that is gone is not made again, and a sooner end that somebody has set stays.
func TestUseIsStoredOnCondition(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	secret := s.Session(s.User("sales:editor"))
	id := accounts.Hash(secret)
	past := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	soon := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	setIn(t, s, "sessions", id, bson.M{"seenAt": past, "expiresAt": soon})
	sum, _ := sumSecret(secret)
	h, err := a.read(t.Context(), ofSession, sum)
	require.NoError(t, err)
	require.NoError(t, a.storeTouch(t.Context(), h))
	after := storedIn[Session](t, s, "sessions", id)
	require.True(t, after.SeenAt.After(past))
	require.True(t, soon.Equal(after.ExpiresAt), "%s is not %s", after.ExpiresAt, soon)
	deleteOne(t, s.db, "sessions", id)
	require.NoError(t, a.storeTouch(t.Context(), h))
	n, err := s.db.Collection("sessions").CountDocuments(t.Context(), bson.M{})
	require.NoError(t, err)
	require.Zero(t, n)
}

// A session ends when it is idle, at its absolute end, and at the end that is stored, and a token at its own.
func TestRightsEndByTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t, func(times *timing) { times.seen = 1000 * time.Hour }) // it stores no use
	user, admin := s.User("sales:editor"), s.Admin()
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	const day, soon = 24 * time.Hour, 3 * time.Second
	for name, test := range map[string]struct {
		user   accounts.User
		fields map[string]time.Duration // from now
	}{
		"idle":              {user, map[string]time.Duration{"seenAt": soon - 14*day, "createdAt": -20 * day}},
		"absolute":          {user, map[string]time.Duration{"createdAt": soon - 90*day}},
		"stored":            {user, map[string]time.Duration{"expiresAt": soon}},
		"idle of admins":    {admin, map[string]time.Duration{"seenAt": soon - day/2, "createdAt": -day}},
		"absolute of admin": {admin, map[string]time.Duration{"createdAt": soon - 7*day}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret := s.Session(test.user)
			fields := bson.M{}
			for name, from := range test.fields {
				fields[name] = in(from)
			}
			setIn(t, s, "sessions", accounts.Hash(secret), fields)
			followed := watch(t, a, bySession(t, a, secret), "sales")
			followed.none(t)
			require.Equal(t, EndSignedOut, followed.in(t, patience))
			eventually(t, grapevine.Unauthorized, sessionOf(a, secret))
		})
	}
	t.Run("token", func(t *testing.T) {
		t.Parallel()
		text := s.Token(user, "sales", "editor")
		setIn(t, s, "tokens", accounts.Hash(text), bson.M{"expiresAt": in(soon)})
		followed := watch(t, a, byToken(t, a, text), "sales")
		require.Equal(t, EndSignedOut, followed.in(t, patience))
		eventually(t, grapevine.Unauthorized, tokenOf(a, text))
	})
}
