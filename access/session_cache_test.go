package access

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest/accounts"
)

// entryOf waits for the entry of a session in Redis.
func (s *site) entryOf(t testing.TB, rdb *redis.Client, secret string) (key string, text string) {
	t.Helper()
	key = grapevine.KeyPrefix(s.env.Database) + grapevine.KeySession + accounts.Hash(secret)
	require.Eventually(t, func() bool { text = rdb.Get(t.Context(), key).Val(); return text != "" }, patience, time.Millisecond)
	return key, text
}

// One instance reads a session, and the other finds it in Redis.
func TestSessionsAreSharedThroughRedis(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, other := s.instance(t), s.instance(t)
	secret := s.Session(s.User("sales:editor", "lab:viewer"))
	p := settled(t, one, secret)
	key, text := s.entryOf(t, redisClient(t, s.env.RedisURL), secret)
	require.NotContains(t, text, secret)
	require.NotContains(t, text, "argon2id", "the hash of a password stays in MongoDB")
	ttl := redisClient(t, s.env.RedisURL).TTL(t.Context(), key).Val()
	require.Positive(t, ttl)
	require.LessOrEqual(t, ttl, 10*time.Minute)

	require.Eventually(t, func() bool { return other.named(accounts.Hash(secret)) }, patience, time.Millisecond)
	before := readsOf(t, other)
	require.Equal(t, p, bySession(t, other, secret))
	require.Equal(t, before, readsOf(t, other), "it did not ask MongoDB")
	p = bySession(t, other, secret)
	require.Same(t, p, bySession(t, other, secret))
}

// An entry that was read before an event is never trusted after it, by whoever it was written.
func TestAnOldEntryIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one, other := s.instance(t), s.instance(t)
	rdb := redisClient(t, s.env.RedisURL)
	for name, end := range map[string]func(user accounts.User, secret string){
		"the session is deleted": func(_ accounts.User, secret string) { deleteOne(t, s.db, "sessions", accounts.Hash(secret)) },
		"the user is disabled":   func(user accounts.User, _ string) { s.Set(user, bson.M{"disabled": true}) },
	} {
		user := s.User("sales:editor")
		secret := s.Session(user)
		settled(t, one, secret)
		key, text := s.entryOf(t, rdb, secret)
		end(user, secret)
		for _, a := range []*Access{one, other} {
			eventually(t, grapevine.Unauthorized, func() error {
				require.NoError(t, rdb.Set(t.Context(), key, text, time.Minute).Err())
				return sessionOf(a, secret)()
			})
			for range 3 {
				require.NoError(t, rdb.Set(t.Context(), key, text, time.Minute).Err())
				requireCode(t, grapevine.Unauthorized, sessionOf(a, secret)())
			}
		}
		third := s.instance(t) // its stream began after the entry was read
		require.NoError(t, rdb.Set(t.Context(), key, text, time.Minute).Err())
		requireCode(t, grapevine.Unauthorized, sessionOf(third, secret)())

		var forged cachedSession
		require.NoError(t, json.Unmarshal([]byte(text), &forged))
		forged.At = grapevine.NewPosition(forged.At.T()+3600, 0, 0)
		later, err := json.Marshal(forged)
		require.NoError(t, err)
		require.NoError(t, rdb.Set(t.Context(), key, later, time.Minute).Err())
		requireCode(t, grapevine.Unauthorized, sessionOf(one, secret)())
		t.Log(name)
	}
}

// What is not an entry counts as none.
func TestUnreadableEntries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.instance(t)
	rdb := redisClient(t, s.env.RedisURL)
	for _, text := range []string{"", "x", "{}", "null", "[]", `{"user":"x","latest":"2999-01-01T00:00:00Z"}`, `{"at":1}`} {
		secret := s.Session(s.User("sales:editor"))
		key := grapevine.KeyPrefix(s.env.Database) + grapevine.KeySession + accounts.Hash(secret)
		require.NoError(t, rdb.Set(t.Context(), key, text, time.Minute).Err())
		require.Equal(t, grapevine.Editor, bySession(t, a, secret).RoleIn("sales"), text)
	}
	secret := s.Session(s.User("sales:editor"))
	require.NoError(t, rdb.LPush(t.Context(), grapevine.KeyPrefix(s.env.Database)+grapevine.KeySession+accounts.Hash(secret), "x").Err())
	require.Equal(t, grapevine.Editor, bySession(t, a, secret).RoleIn("sales"), "another type")
}

// An instance whose stream is not open trusts nothing but MongoDB.
func TestNothingIsTrustedBeforeTheStreamIsOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := s.instance(t)
	user := s.User("sales:editor")
	secret := s.Session(user)
	settled(t, one, secret)
	s.entryOf(t, redisClient(t, s.env.RedisURL), secret)

	started := s.idle(t, func(times *timing) { times.shared = time.Nanosecond })
	for n := 1; n <= 3; n++ {
		require.Equal(t, grapevine.Editor, bySession(t, started, secret).RoleIn("sales"))
		require.Equal(t, n, readsOf(t, started), "each request reads MongoDB")
	}
	_, open := started.Answered()
	require.False(t, open)
	s.Set(user, bson.M{"epoch": 1})
	requireCode(t, grapevine.Unauthorized, sessionOf(started, secret)())
	run(t, started)
	require.Eventually(t, started.proof.isFresh, patience, time.Millisecond)
	requireCode(t, grapevine.Unauthorized, sessionOf(started, secret)())

	stop := run(t, s.idle(t))
	stop() // also before the stream is open
}
