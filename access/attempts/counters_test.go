package attempts

import (
	"cmp"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

func TestMain(m *testing.M) { realtest.Main(m) }

const patience = 10 * time.Second

func addr(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}) }

func newCounters(t *testing.T, cfg Config) *Counters {
	t.Helper()
	if cfg.Redis == nil {
		cfg.Redis = realtest.New(t).Redis(t)
	}
	cfg.Prefix = cmp.Or(cfg.Prefix, grapevine.KeyPrefix("test"))
	cfg.Timeout = cmp.Or(cfg.Timeout, patience)
	return New(cfg)
}

func requireTooMany(t *testing.T, err error) {
	t.Helper()
	var e *grapevine.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, grapevine.TooMany, e.Code)
	require.Positive(t, e.RetryAfter)
}

// Two instances share the counters.
func TestTriesAreCountedOverAllInstances(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	first, second := newCounters(t, Config{Redis: env.Redis(t)}), newCounters(t, Config{Redis: env.Redis(t)})
	for n := range 10 {
		c := []*Counters{first, second}[n%2]
		_, err := c.Take(t.Context(), "ada@example.test", addr(1))
		require.NoError(t, err)
	}
	err := errOf(first.Take(t.Context(), "ada@example.test", addr(1)))
	requireTooMany(t, err)
	require.ErrorContains(t, err, "Wait 5m0s")
	requireTooMany(t, errOf(second.Take(t.Context(), "ada@example.test", addr(1))))
	_, err = second.Take(t.Context(), "ada@example.test", addr(2))
	require.NoError(t, err, "another address")
	_, err = second.Take(t.Context(), "bob@example.test", addr(1))
	require.NoError(t, err, "another account")
}

func errOf(_ *Place, err error) error { return err }

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	t.Parallel()
	c := newCounters(t, Config{})
	network := func(net, host byte) netip.Addr {
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 7: net, 15: host})
	}
	for n := range 10 {
		_, err := c.Take(t.Context(), "ada@example.test", network(1, byte(n)))
		require.NoError(t, err)
	}
	requireTooMany(t, errOf(c.Take(t.Context(), "ada@example.test", network(1, 99))))
	_, err := c.Take(t.Context(), "ada@example.test", network(2, 1))
	require.NoError(t, err)
}

func TestKnownBrowsersHaveACounterOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := newCounters(t, Config{})
	for n := range 100 {
		_, _ = c.Take(t.Context(), "ada@example.test", addr(n))
	}
	requireTooMany(t, errOf(c.Take(t.Context(), "ada@example.test", addr(200))))
	for range 10 {
		_, err := c.TakeKnown(t.Context(), "ada@example.test")
		require.NoError(t, err)
	}
	requireTooMany(t, errOf(c.TakeKnown(t.Context(), "ada@example.test")))
}

func TestWhatIsGivenBackDoesNotCount(t *testing.T) {
	t.Parallel()
	c := newCounters(t, Config{})
	for range 50 {
		place, err := c.Take(t.Context(), "ada@example.test", addr(1))
		require.NoError(t, err)
		place.GiveBack(t.Context())
		place, err = c.TakeKnown(t.Context(), "ada@example.test")
		require.NoError(t, err)
		place.GiveBack(t.Context())
	}
}

func TestAKeptTurnGoesPastOthers(t *testing.T) {
	t.Parallel()
	c := newCounters(t, Config{})
	first, err := c.Take(t.Context(), "ada@example.test", addr(1000))
	require.NoError(t, err)
	require.True(t, first.IsFirst())
	place, err := c.Take(t.Context(), "ada@example.test", addr(1000))
	require.NoError(t, err)
	require.False(t, place.IsFirst())
	place.KeepTurn(t.Context(), time.Millisecond)
	for n := range 100 {
		_, _ = c.Take(t.Context(), "ada@example.test", addr(n))
	}
	_, err = c.Take(t.Context(), "ada@example.test", addr(1000))
	require.NoError(t, err)
}

func TestKeysEndByThemselvesAndNameNobody(t *testing.T) {
	t.Parallel()
	rdb := realtest.New(t).Redis(t)
	c := newCounters(t, Config{Redis: rdb})
	for n := range 30 {
		_, _ = c.Take(t.Context(), "ada@example.test", addr(n))
	}
	_, err := c.TakeKnown(t.Context(), "ada@example.test")
	require.NoError(t, err)
	names, err := rdb.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Greater(t, len(names), 30)
	for _, name := range names {
		require.NotContains(t, name, "ada")
		require.Contains(t, name, grapevine.KeyPrefix("test")+grapevine.KeyAttempts)
		left, err := rdb.PTTL(t.Context(), name).Result()
		require.NoError(t, err)
		require.Positive(t, left)
		require.LessOrEqual(t, left, time.Hour)
	}
}

// A Redis that hangs costs one sign-in a second a tenth of a second, and tries are still counted.
func TestRedisHangs(t *testing.T) {
	t.Parallel()
	server := realtest.StartRedis(t)
	parsed, err := redisx.Parse(server.URL)
	require.NoError(t, err)
	rdb := parsed.CacheClient()
	t.Cleanup(func() { _ = rdb.Close() })
	c := newCounters(t, Config{Redis: rdb, Timeout: 100 * time.Millisecond})
	_, err = c.Take(t.Context(), "ada@example.test", addr(1))
	require.NoError(t, err)

	require.NoError(t, server.Signal(syscall.SIGSTOP))
	watch := realtest.StartStopwatch(t)
	var place *Place
	for range 10 {
		place, err = c.Take(t.Context(), "ada@example.test", addr(1))
		require.NoError(t, err)
		require.True(t, place.local)
	}
	requireTooMany(t, errOf(c.Take(t.Context(), "ada@example.test", addr(1))))
	place.GiveBack(t.Context())
	_, err = c.Take(t.Context(), "ada@example.test", addr(1))
	require.NoError(t, err)
	for range 10 {
		_, err = c.TakeKnown(t.Context(), "ada@example.test")
		require.NoError(t, err)
	}
	requireTooMany(t, errOf(c.TakeKnown(t.Context(), "ada@example.test")))
	require.Less(t, watch.Stop(), watch.Allow(time.Second))

	require.NoError(t, server.Signal(syscall.SIGCONT))
	require.Eventually(t, func() bool {
		place, err := c.Take(t.Context(), "bob@example.test", addr(2))
		return err == nil && !place.local
	}, patience, 100*time.Millisecond, "Redis counts again")
}

func TestTheTableIsBounded(t *testing.T) {
	table := newTable(Standard)
	c := &Counters{cfg: Config{}}
	for n := range 2 * maxCells {
		a := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
		table.take(c.keys("ada", a), second(float64(n)))
		require.LessOrEqual(t, len(table.cells), maxCells+4)
	}
}

// Whom a crowd sent away at the first try is not counted, and comes for the first time again.
func TestAFirstTryThatIsKeptIsAFirstOneAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []*Counters{newCounters(t, Config{}), New(Config{})} {
		for range 50 {
			place, err := c.Take(t.Context(), "ada@example.test", addr(1))
			require.NoError(t, err)
			require.True(t, place.IsFirst())
			place.KeepTurn(t.Context(), time.Minute)
		}
	}
}
