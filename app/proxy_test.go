package main

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/fasthttp/websocket"
	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

// Behind a trusted proxy sockets are counted for each client, not for the proxy.
func TestSocketsAreCountedForTheClientBehindAProxy(t *testing.T) {
	i := start(t, realtest.New(t), func(s *settings) { s.TrustedProxies = []string{"127.0.0.0/8"} })
	open := func(client string) int {
		header := http.Header{"X-Forwarded-For": {client}}
		conn, response, err := websocket.DefaultDialer.Dial("ws://"+i.Addr()+"/ws/contacts", header)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
		}
		require.NotNil(t, response, "%v", err)
		_ = response.Body.Close()
		return response.StatusCode
	}
	for n := range 256 {
		require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113."+strconv.Itoa(n)))
	}
	for range 255 {
		require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.7"))
	}
	eventually(t, "one client has as many as it may", func() bool { return i.hub.Stats().Sockets == 511 })
	require.Equal(t, http.StatusTooManyRequests, open("203.0.113.7"))
	require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.8"))
}
