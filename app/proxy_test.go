package app

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
)

// Behind a trusted proxy, the limit of sockets counts each client, not the proxy.
func TestSocketsAreCountedForTheClientBehindAProxy(t *testing.T) {
	i := start(t, realtest.New(t), func(c *Config) { c.TrustedProxies = []string{"127.0.0.0/8"} })
	open := func(client string) int {
		conn, status, err := wsclient.Dial(t.Context(), "ws://"+i.Addr()+"/ws/contacts", "X-Forwarded-For", client)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
		}
		require.NotZero(t, status, "%v", err)
		return status
	}
	for n := range 256 {
		require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113."+strconv.Itoa(n)))
	}
	for range 255 {
		require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.7"))
	}
	eventually(t, "one client is at its limit", func() bool { return i.hub.Stats().Sockets == 511 })
	require.Equal(t, http.StatusTooManyRequests, open("203.0.113.7"))
	require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.8"))
}
