package api

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPerClientLimit(t *testing.T) {
	l := newLimiter(1, 10)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	now := time.Unix(1000, 0)
	for range 20 {
		_, ok := l.allow(a, now)
		require.True(t, ok, "a burst of two seconds' worth is fine")
	}
	wait, ok := l.allow(a, now)
	require.False(t, ok)
	require.InDelta(t, 0.1, wait.Seconds(), 0.01)
	_, ok = l.allow(b, now)
	require.True(t, ok, "another client has its own")
	_, ok = l.allow(a, now.Add(110*time.Millisecond))
	require.True(t, ok)

	l = newLimiter(1, 0)
	for range 1000 {
		_, ok := l.allow(a, now)
		require.True(t, ok, "zero means no bound")
	}
	require.Empty(t, l.clients)
}

// One customer of IPv6 has 2^64 addresses.
func TestPerClientLimitTakesAPrefixForOneClient(t *testing.T) {
	l := newLimiter(1, 1)
	now := time.Unix(1000, 0)
	allowed := 0
	for i := range 100 {
		addr := netip.AddrFrom16([16]byte{0x20, 0x01, 0xd, 0xb8, 15: byte(i)})
		if _, ok := l.allow(addr, now); ok {
			allowed++
		}
	}
	require.Equal(t, 2, allowed)
}

func TestPerClientLimitIsBoundedInMemory(t *testing.T) {
	l := newLimiter(1, 1)
	now := time.Unix(1000, 0)
	for i := range 3 * maxClients {
		l.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
		require.LessOrEqual(t, len(l.clients), maxClients)
	}
}

func TestStreak(t *testing.T) {
	var s streak
	now := time.Unix(1000, 0)
	n, log := s.failed(now)
	require.True(t, log && n == 1)
	for range 500 {
		_, log = s.failed(now.Add(9 * time.Second))
		require.False(t, log)
	}
	n, log = s.failed(now.Add(10 * time.Second))
	require.True(t, log && n == 502)
	require.Equal(t, 502, s.recovered())
	require.Equal(t, 0, s.recovered())
	_, log = s.failed(now.Add(10 * time.Second))
	require.True(t, log, "a new streak speaks at once")
}
