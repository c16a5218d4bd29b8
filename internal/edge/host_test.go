package edge

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidHost(t *testing.T) {
	for _, host := range []string{
		"", "localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535", "example.org.", "my_host:0", "example.org:", "xn--mller-kva.de",
		"[::1]", "[::1]:8080", "[2001:db8::1]:", "[::ffff:127.0.0.1]:80",
	} {
		require.True(t, ValidHost(host), host)
	}
	for _, host := range []string{
		"127.0.0.1:8301@evil", "user@localhost", "localhost:99999", "localhost:65536", "localhost:+80", "localhost:80:80", "localhost:8o", "localhost: 80",
		":8080", "::1", "[::1", "::1]", "[::1]8080", "[::1]:x", "[fe80::1%25eth0]", "[127.0.0.1]", "[]", "a b", "a/b", "a\\b", "a?b", "a#b", "a,b", "<a>", "müller.de", "a%2Eb",
	} {
		require.False(t, ValidHost(host), host)
	}
}
