package api_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/api"
	"grapevine/internal/realtest"
	"grapevine/internal/retry"
	"grapevine/store"
)

// While MongoDB hangs, every request is answered 503 within its own timeout and the log has one line
// per interval. When MongoDB goes on, requests work again.
func TestMongoHung(t *testing.T) {
	mongod := realtest.StartMongod(t)
	client := realtest.Connect(t, mongod.URI)

	h := newHarness(t, func(c *api.Config) {
		own := store.New(client.Database("hung"), store.Config{Timeout: time.Second})
		require.NoError(t, own.Prepare(t.Context()))
		c.Contacts, c.Watermark, c.Timeout = own, noWatermark{}, 2*time.Second
		c.Imports = newInlineImports(client.Database("hung"), own)
	})
	path := h.create(ada).header.Get("Location")
	require.NoError(t, mongod.Signal(syscall.SIGSTOP))
	hung := time.Now()
	for _, test := range []struct{ method, path, body string }{
		{"GET", path, ""},
		{"GET", "/contacts", ""},
		{"POST", "/contacts", ada},
		{"PATCH", path, `{"notes":"x"}`},
		{"DELETE", path, ""},
		{"GET", "/contacts/stats/tags", ""},
		{"GET", "/contacts/export?format=csv", ""},
		{"GET", "/imports/0123456789abcdef01234567", ""},
	} {
		watch := realtest.StartStopwatch(t)
		a := h.do(test.method, test.path, nil, test.body)
		require.Equal(t, http.StatusServiceUnavailable, a.status, "%s %s: %s", test.method, test.path, a.body)
		require.Equal(t, "unavailable", a.json(t)["code"])
		require.NotEmpty(t, a.header.Get("Retry-After"))
		require.NotContains(t, a.body, "127.0.0.1")
		require.Less(t, watch.Stop(), watch.Allow(5*time.Second))
	}
	require.Equal(t, 200, h.get("/healthz", nil).status)
	lines := strings.Count(h.log.String(), "requests get status 503")
	require.Positive(t, lines)
	require.LessOrEqual(t, lines, 1+int(time.Since(hung)/retry.DefaultLogInterval), "the warning is rate-limited")
	require.NoError(t, mongod.Signal(syscall.SIGCONT))
	require.Eventually(t, func() bool { return h.get("/contacts", nil).status == 200 }, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, 1, strings.Count(h.log.String(), "MongoDB answers requests again"))
}
