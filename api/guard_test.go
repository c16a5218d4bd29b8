package api

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHostAllowed(t *testing.T) {
	loopback := []string{"localhost", "127.0.0.1", "[::1]"}
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST:1": true, "127.0.0.1:8080": true, "[::1]:8080": true, "[::1]": true,
		"evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "127.0.0.1.nip.io": false, "": false,
		"localhost:8080:1": false, "127.0.0.2": false, "localhost.": false,
	} {
		require.Equal(t, want, hostAllowed(host, loopback), host)
	}
	require.True(t, hostAllowed("anything", nil))
}

func TestCrossSite(t *testing.T) {
	for _, test := range []struct {
		fetchSite, origin string
		want              bool
	}{
		{"", "", false}, // not a browser
		{"same-origin", "", false},
		{"none", "", false},
		{"same-origin", "http://grape.example:8080", false},
		{"cross-site", "http://grape.example:8080", true},
		{"same-site", "", true}, // another subdomain is another's
		{"nonsense", "", true},
		{"", "http://grape.example:8080", false},
		{"", "http://GRAPE.example:8080", false},
		{"", "http://evil.example", true},
		{"", "http://grape.example", true},
		{"", "http://grape.example:8081", true},
		{"", "http://grape.example:8080.evil.example", true},
		{"", "http://evilgrape.example:8080", true},
		{"", "null", true},
		{"", "grape.example:8080", true},
		{"", "%", true},
	} {
		require.Equal(t, test.want, crossSite("grape.example:8080", test.fetchSite, test.origin), "%+v", test)
	}
}

func TestClientAddr(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, test := range []struct{ peer, forwarded, want string }{
		{"203.0.113.5", "", "203.0.113.5"},
		{"203.0.113.5", "198.51.100.1", "203.0.113.5"}, // says so itself
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
		got := clientAddr(netip.MustParseAddr(test.peer), test.forwarded, trusted)
		require.Equal(t, test.want, got.String(), "%+v", test)
	}
}

func TestFitRequestID(t *testing.T) {
	require.True(t, fitRequestID("01J-abc_DEF.9"))
	for _, s := range []string{"", "a b", "a\nb", "<script>", string(make([]byte, 65)), "é"} {
		require.False(t, fitRequestID(s), "%q", s)
	}
}
