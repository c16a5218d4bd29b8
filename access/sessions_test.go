package access

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestASessionHasItsLength(t *testing.T) {
	day := 24 * time.Hour
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		admin      bool
		seen, ends time.Duration
	}{
		{false, 0, 14 * day},
		{false, 13 * day, 27 * day},
		{false, 80 * day, 90 * day},
		{true, 0, 12 * time.Hour},
		{true, 6*day + 20*time.Hour, 7 * day},
	} {
		u := &User{ID: bson.NewObjectID(), Admin: c.admin}
		s := Session{User: u.ID, Stamp: u.Stamp(), CreatedAt: start, SeenAt: start.Add(c.seen), ExpiresAt: start.Add(365 * day)}
		r := rightOfSession(&s, u, s.SeenAt)
		require.Equal(t, start.Add(c.ends), r.endsAt(r.use))
		require.Nil(t, rightOfSession(&s, u, start.Add(c.ends)))
	}
}

func TestTheOldestOfTooManySessionsEnds(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	u := addUser(t, a, "ada@example.com", nil)
	other := signIn(t, a, addUser(t, a, "bob@example.com", nil))
	first := signIn(t, a, u)
	_, err := a.sessions.UpdateByID(t.Context(), first.Session, bson.M{"$set": bson.M{"createdAt": time.Now().Add(-time.Hour)}})
	require.NoError(t, err)
	for range maxSessions {
		signIn(t, a, u)
	}
	n, err := a.sessions.CountDocuments(t.Context(), bson.M{"user": u.ID})
	require.NoError(t, err)
	require.EqualValues(t, maxSessions, n)
	require.Error(t, a.sessions.FindOne(t.Context(), byID(first.Session)).Err())
	require.NoError(t, a.sessions.FindOne(t.Context(), byID(other.Session)).Err())
}

// The clock of the instance that made the others may be ahead.
func TestANewSessionIsNotTheOldest(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	u := addUser(t, a, "ada@example.com", nil)
	for range maxSessions {
		signIn(t, a, u)
	}
	_, err := a.sessions.UpdateMany(t.Context(), bson.M{}, bson.M{"$set": bson.M{"createdAt": time.Now().Add(time.Minute)}})
	require.NoError(t, err)
	added := signIn(t, a, u)
	require.NoError(t, a.sessions.FindOne(t.Context(), byID(added.Session)).Err())
	n, err := a.sessions.CountDocuments(t.Context(), bson.M{"user": u.ID})
	require.NoError(t, err)
	require.EqualValues(t, maxSessions, n)
}

func TestASignInStoresNoSecret(t *testing.T) {
	t.Parallel()
	a := newAccess(t)
	u := addUser(t, a, "ada@example.com", func(u *User) { u.Memberships = []Membership{{"sales", grapevine.Editor}} })
	signed, err := a.newSession(t.Context(), u, home, "b\xff"+string(make([]rune, 1000)))
	require.NoError(t, err)
	raw, err := a.sessions.FindOne(t.Context(), bson.D{}).Raw()
	require.NoError(t, err)
	require.NotContains(t, string(raw), signed.Secret)
	s, err := decodeSession(raw)
	require.NoError(t, err)
	require.Equal(t, hashSecret(signed.Secret), s.Hash)
	require.Equal(t, u.Stamp(), s.Stamp)
	require.Equal(t, "192.0.2.7", s.Address)
	require.Equal(t, grapevine.Editor, signed.Principal.RoleIn("sales"))
	require.Equal(t, s.Hash, signed.Principal.Session)
	require.WithinDuration(t, time.Now().Add(14*24*time.Hour), s.ExpiresAt, 5*time.Second)
	require.WithinDuration(t, time.Now().Add(90*24*time.Hour), signed.ExpiresAt, 5*time.Second, "of the cookie")
	_, err = a.newSession(t.Context(), &User{ID: u.ID, Disabled: true}, home, "")
	requireCode(t, grapevine.Unauthorized, err)
}

func TestTheStampIsOfPasswordAndEpoch(t *testing.T) {
	u := User{Password: "a", Epoch: 1}
	require.Equal(t, u.Stamp(), (&User{Password: "a", Epoch: 1, Name: "x", Admin: true}).Stamp())
	require.NotEqual(t, u.Stamp(), (&User{Password: "b", Epoch: 1}).Stamp())
	require.NotEqual(t, u.Stamp(), (&User{Password: "a", Epoch: 2}).Stamp())
}
