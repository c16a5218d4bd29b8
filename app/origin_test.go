package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
)

// logText keeps a log for assertions.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// count is the number of lines that contain text.
func (l *logText) count(text string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// startLogged runs an instance until the end of the test and keeps its log.
func startLogged(t *testing.T, change func(*Config)) (*App, *logText) {
	t.Helper()
	config, log := defaults(realtest.New(t)), &logText{}
	change(&config)
	require.NoError(t, config.Validate())
	app, err := New(config, slog.New(slog.NewTextHandler(log, nil)))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	require.True(t, app.WaitLive(t.Context()))
	return app, log
}

// A proxy often sends another Host than the browser did. The page then cannot write or open a socket. The log says why
// and what to do, once in a while, and ORIGINS mends both.
func TestPageBehindAProxyThatChangesTheHost(t *testing.T) {
	const page = "http://contacts.example.org:8443"
	sites := []string{"", "same-origin", "same-site", "cross-site", "none"}
	t.Run("writes without it in ORIGINS", func(t *testing.T) {
		app, log := startLogged(t, func(c *Config) { c.Origins = []string{"*", "https://other.example"} })
		for _, site := range []string{"", "same-site", "cross-site"} {
			a := httpclient.New("http://"+app.Addr(), 0).Call(t, http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"}, "Origin", page, "Sec-Fetch-Site", site)
			require.Equal(t, http.StatusForbidden, a.Status, "* lets every page open sockets, but not write")
		}
		require.Equal(t, 1, log.count("ORIGINS"))
		require.Equal(t, 1, log.count("contacts.example.org:8443"))
	})
	t.Run("sockets without ORIGINS", func(t *testing.T) {
		app, log := startLogged(t, func(*Config) {})
		for range 3 {
			require.Equal(t, 4403, wsclient.Open(t, "ws://"+app.Addr()+"/ws/contacts", "Origin", page).CloseCode())
		}
		require.Equal(t, 1, log.count("ORIGINS"))
		metrics := httpclient.New("http://"+app.Addr(), 0).Call(t, http.MethodGet, "/metrics", nil)
		require.Contains(t, string(metrics.Body), `grapevine_ws_refused_total{reason="origin"} 3`)
	})
	t.Run("with ORIGINS", func(t *testing.T) {
		app, log := startLogged(t, func(c *Config) { c.Origins = []string{page} })
		client := httpclient.New("http://"+app.Addr(), 0)
		for _, site := range sites {
			headers := []string{"Origin", page}
			if site != "" {
				headers = append(headers, "Sec-Fetch-Site", site)
			}
			require.Equal(t, http.StatusCreated, client.Call(t, http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"}, headers...).Status, site)
		}
		require.Equal(t, "ack", wsclient.Open(t, "ws://"+app.Addr()+"/ws/contacts", "Origin", page).Join("workspace:default", "").Op)
		require.Zero(t, log.count("ORIGINS"))
		for _, origin := range []string{"null", "http://contacts.example.org", "https://contacts.example.org:8443", "http://contacts.example.org:84430"} {
			require.Equal(t, http.StatusForbidden, client.Call(t, http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"}, "Origin", origin).Status, origin)
		}
	})
	t.Run("a Host that is not allowed", func(t *testing.T) {
		app, log := startLogged(t, func(*Config) {})
		client := httpclient.New("http://"+app.Addr(), 0)
		for range 3 {
			require.Equal(t, http.StatusForbidden, client.Call(t, http.MethodGet, "/contacts", nil, "Host", "contacts.example.org").Status)
		}
		require.Equal(t, 1, log.count("ALLOWED_HOSTS"))
	})
}

// The limit of sockets names its setting to the client and in the log, and is counted.
func TestLimitsOfSocketsAreShown(t *testing.T) {
	app, log := startLogged(t, func(c *Config) {
		c.SocketsPerClient, c.MaxSockets, c.TrustedProxies = 2, 3, []string{"127.0.0.0/8"}
	})
	open := func(client string) int {
		conn, status, err := wsclient.Dial(t.Context(), "ws://"+app.Addr()+"/ws/contacts", "X-Forwarded-For", client)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
		}
		return status
	}
	opened := func(n int) {
		t.Helper()
		eventually(t, "the sockets are open", func() bool { return app.hub.Stats().Sockets == n })
	}
	require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.7"))
	require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.7"))
	opened(2)
	for range 3 {
		require.Equal(t, http.StatusTooManyRequests, open("203.0.113.7"))
	}
	require.Equal(t, http.StatusSwitchingProtocols, open("203.0.113.8"))
	opened(3)
	require.Equal(t, http.StatusServiceUnavailable, open("203.0.113.9"))
	require.Equal(t, 1, log.count("SOCKETS_PER_CLIENT"))
	require.Equal(t, 1, log.count("MAX_SOCKETS"))
	metrics := string(httpclient.New("http://"+app.Addr(), 0).Call(t, http.MethodGet, "/metrics", nil).Body)
	require.Contains(t, metrics, `grapevine_ws_refused_total{reason="client"} 3`)
	require.Contains(t, metrics, `grapevine_ws_refused_total{reason="instance"} 1`)
}
