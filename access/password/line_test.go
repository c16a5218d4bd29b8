package password

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"grapevine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience = 10 * time.Second
	poll     = time.Millisecond
)

func from(n int) Visitor {
	return Visitor{Address: netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)})}
}

// waiter enters the line in the background.
func waiter(t *testing.T, l *line, v Visitor) (leave <-chan func()) {
	t.Helper()
	before := l.stats().waiting
	entered := make(chan func(), 1)
	go func() {
		if leave, err := l.enter(t.Context(), v); err == nil {
			entered <- leave
		}
	}()
	require.Eventually(t, func() bool { return l.stats().waiting == before+1 }, patience, poll)
	return entered
}

func requireTooMany(t *testing.T, err error) {
	t.Helper()
	var e *grapevine.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, grapevine.TooMany, e.Code)
	require.Positive(t, e.RetryAfter)
}

func TestAFullLineSendsAwayAtOnceAndKeepsPlacesForKnownBrowsers(t *testing.T) {
	l := newLine(LineConfig{AtOnce: 1, Waiting: 2, Known: 1})
	leave, err := l.enter(t.Context(), from(1))
	require.NoError(t, err)
	second := waiter(t, l, from(2))
	third := waiter(t, l, from(3))
	_, err = l.enter(t.Context(), from(4))
	requireTooMany(t, err)

	owner := waiter(t, l, Visitor{Address: from(2).Address, Known: "ada"})
	_, err = l.enter(t.Context(), Visitor{Known: "bob"})
	requireTooMany(t, err)
	require.Equal(t, stats{running: 1, waiting: 3, refused: 2}, l.stats())

	for _, next := range []<-chan func(){owner, second, third} {
		leave()
		leave = <-next
	}
	leave()
	require.Equal(t, stats{hashed: 4, refused: 2}, l.stats())
	require.Empty(t, l.taken)
}

func TestAnAddressHasOnePlace(t *testing.T) {
	l := newLine(LineConfig{AtOnce: 2})
	network := func(last byte) Visitor {
		return Visitor{Address: netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: last})}
	}
	leave, err := l.enter(t.Context(), network(1))
	require.NoError(t, err)
	_, err = l.enter(t.Context(), network(2))
	requireTooMany(t, err)
	leave()
	leave, err = l.enter(t.Context(), network(2))
	require.NoError(t, err)
	leave()
}

func TestAnAccountHasOnePlace(t *testing.T) {
	l := newLine(LineConfig{AtOnce: 2})
	leave, err := l.enter(t.Context(), Visitor{Address: from(1).Address, Known: "ada"})
	require.NoError(t, err)
	_, err = l.enter(t.Context(), Visitor{Address: from(2).Address, Known: "ada"})
	requireTooMany(t, err)
	leaveOther, err := l.enter(t.Context(), Visitor{Address: from(1).Address, Known: "bob"})
	require.NoError(t, err, "somebody else at the same address")
	leaveOther()
	leave()
	leave, err = l.enter(t.Context(), Visitor{Known: "ada"})
	require.NoError(t, err)
	leave()
	require.Empty(t, l.taken)
}

// Many accounts together do not keep strangers waiting for good.
func TestKnownBrowsersAndStrangersTakeTurns(t *testing.T) {
	l := newLine(LineConfig{AtOnce: 1})
	leave, err := l.enter(t.Context(), Visitor{Known: "ada"})
	require.NoError(t, err)
	bob := waiter(t, l, Visitor{Known: "bob"})
	eve := waiter(t, l, Visitor{Known: "eve"})
	stranger := waiter(t, l, from(1))
	first := from(2)
	first.First = true
	newcomer := waiter(t, l, first)
	for _, next := range []<-chan func(){newcomer, bob, stranger, eve} {
		leave()
		leave = <-next
	}
	leave()
}

func TestWhoStopsWaitingLeavesNothingBehind(t *testing.T) {
	l := newLine(LineConfig{AtOnce: 1})
	leave, err := l.enter(t.Context(), from(1))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	for n := range 3 {
		v := from(n + 2)
		if n == 0 {
			v.Known = "ada"
		}
		go func() {
			_, err := l.enter(ctx, v)
			gone <- err
		}()
	}
	require.Eventually(t, func() bool { return l.stats().waiting == 3 }, patience, poll)
	cancel()
	for range 3 {
		requireTooMany(t, <-gone)
	}
	require.Equal(t, stats{running: 1}, l.stats())
	leave()
	require.Equal(t, stats{hashed: 1}, l.stats())
	require.Empty(t, l.taken)
}

// A turn that comes in the moment in which its owner leaves goes to the next one.
func TestTurnsAreNotLost(t *testing.T) {
	l := newLine(LineConfig{AtOnce: 2, Waiting: 1000})
	var group sync.WaitGroup
	var atOnce, most atomic.Int64
	for n := range 500 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n%5)*100*time.Microsecond)
			defer cancel()
			leave, err := l.enter(ctx, from(n))
			if err != nil {
				return
			}
			most.Store(max(most.Load(), atOnce.Add(1)))
			atOnce.Add(-1)
			leave()
		})
	}
	group.Wait()
	s := l.stats()
	require.Zero(t, s.running)
	require.Zero(t, s.waiting)
	require.Empty(t, l.taken)
	require.LessOrEqual(t, most.Load(), int64(2))
}

func TestHasher(t *testing.T) {
	registry := prometheus.NewRegistry()
	h := New(Config{Params: cheap, Registerer: registry})
	phc, err := h.Hash(t.Context(), "ada", "grape harvest 1926")
	require.NoError(t, err)
	for _, c := range []struct {
		name, phc, password string
		ok                  bool
	}{
		{"right", phc, "grape harvest 1926", true},
		{"wrong", phc, "grape harvest 1927", false},
		{"no password is set", "", "", false},
	} {
		ok, err := h.Verify(t.Context(), from(1), c.phc, c.password)
		require.NoError(t, err, c.name)
		require.Equal(t, c.ok, ok, c.name)
	}
	ok, err := h.Verify(t.Context(), from(1), "grape harvest 1926", "grape harvest 1926")
	require.ErrorIs(t, err, errFormat, "somebody stored the password itself")
	require.False(t, ok)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 4)
}
