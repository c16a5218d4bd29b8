package edge

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPerClientLimit(t *testing.T) {
	l := NewRateLimiter(10)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	now := time.Unix(1000, 0)
	for range 20 {
		_, ok := l.Allow(a, now)
		require.True(t, ok, "a burst of two seconds' worth is allowed")
	}
	wait, ok := l.Allow(a, now)
	require.False(t, ok)
	require.InDelta(t, 0.1, wait.Seconds(), 0.01)
	_, ok = l.Allow(b, now)
	require.True(t, ok, "another client has its own bucket")
	_, ok = l.Allow(a, now.Add(110*time.Millisecond))
	require.True(t, ok)

	l = NewRateLimiter(0)
	for range 1000 {
		_, ok := l.Allow(a, now)
		require.True(t, ok, "zero means no limit")
	}
	require.Empty(t, l.clients)
}

// One IPv6 customer has 2^64 addresses.
func TestPerClientLimitCountsAnIPv6NetworkAsOneClient(t *testing.T) {
	l := NewRateLimiter(1)
	now := time.Unix(1000, 0)
	allowed := 0
	for i := range 100 {
		addr := netip.AddrFrom16([16]byte{0x20, 0x01, 0xd, 0xb8, 15: byte(i)})
		if _, ok := l.Allow(addr, now); ok {
			allowed++
		}
	}
	require.Equal(t, 2, allowed)
}

func TestPerClientLimitIsBoundedInMemory(t *testing.T) {
	l := NewRateLimiter(1)
	now := time.Unix(1000, 0)
	for i := range 3 * maxClients {
		l.Allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
		require.LessOrEqual(t, len(l.clients), maxClients)
	}
}
