package edge

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClientAddr(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, test := range []struct{ peer, forwarded, want string }{
		{"203.0.113.5", "", "203.0.113.5"},
		{"203.0.113.5", "198.51.100.1", "203.0.113.5"}, // the peer is not a proxy
		{"10.0.0.1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"}, // the left one was written by the client
		{"10.0.0.1", "1.1.1.1,198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "nonsense", "10.0.0.1"},
		{"10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"},
		{"::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"},
		{"fd00::1", "2001:db8::1", "2001:db8::1"},
	} {
		got := ClientAddr(netip.MustParseAddr(test.peer), test.forwarded, trusted)
		require.Equal(t, test.want, got.String(), "%+v", test)
	}
}

func TestNetwork(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8::1": "2001:db8::", "2001:db8:0:0:ffff::9": "2001:db8::", "2001:db8:0:1::9": "2001:db8:0:1::",
		"fe80::1%eth0": "fe80::", "::1": "::1", "::ffff:192.0.2.1": "::ffff:192.0.2.1", "not an address": "not an address", "": "",
	} {
		require.Equal(t, want, NetworkOf(ip), ip)
	}
}
