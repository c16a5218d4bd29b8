package edge

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuotaIsSharedAmongClients(t *testing.T) {
	addr := netip.MustParseAddr
	q := NewQuota(10, 4)
	require.True(t, q.Take(addr("192.0.2.1"), 4))
	require.False(t, q.Take(addr("192.0.2.1"), 1), "a client has its own part")
	require.True(t, q.Take(addr("2001:db8::1"), 3))
	require.False(t, q.Take(addr("2001:db8::2"), 2), "a network is one client")
	require.True(t, q.Take(addr("127.0.0.1"), 3), "loopback may be many clients")
	require.False(t, q.Take(addr("192.0.2.2"), 1), "everything is taken")
	q.Return(addr("192.0.2.1"), 4)
	require.True(t, q.Take(addr("127.0.0.1"), 4))
	q.Return(addr("127.0.0.1"), 7)
	q.Return(addr("2001:db8::2"), 3)
	require.Zero(t, q.Taken())
	require.Empty(t, q.clients)
}
