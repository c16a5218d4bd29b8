package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

func TestEverythingIsMounted(t *testing.T) {
	i := start(t, realtest.New(t))
	eventually(t, "the lag is known", func() bool { return strings.Contains(string(i.get("/metrics").Body), "grapevine_watcher_lag_seconds") })
	for path, want := range map[string]string{
		"/": "<!doctype html>", "/inspect": "<!doctype html>", "/docs": "<!doctype html>", "/jobs": "asynq", "/jobs/api/queues": "queues",
		"/inspect/info": "mongoURI", "/healthz": "ok", "/readyz": "watcher", "/metrics": "grapevine_watcher_lag_seconds",
		"/openapi.json": "openapi", "/asyncapi.json": "asyncapi", "/contacts": "items",
	} {
		a := i.get(path)
		require.Equal(t, http.StatusOK, a.Status, path)
		require.Contains(t, strings.ToLower(string(a.Body)), strings.ToLower(want), path)
		require.Len(t, a.Header.Values("Content-Security-Policy"), 1, "%s: of two policies a browser keeps both", path)
	}
	missing := i.get("/nowhere")
	require.Equal(t, http.StatusNotFound, missing.Status)
	require.Equal(t, "application/problem+json", missing.Header.Get("Content-Type"))
}

func TestInstanceWithoutTheAPIRoleServesOperatorsOnly(t *testing.T) {
	i := start(t, realtest.New(t), func(c *Config) { c.Roles = []string{roleWatcher, roleWorker} })
	for _, path := range []string{"/", "/contacts", "/contacts/000000000000000000000000", "/ws/contacts", "/inspect/info", "/openapi.json", "/docs", "/nowhere"} {
		a := i.get(path)
		require.Equal(t, http.StatusNotFound, a.Status, path)
		require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), path)
		require.Contains(t, string(a.Body), "does not serve the API", path)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/jobs"} {
		require.Equal(t, http.StatusOK, i.get(path).Status, path)
	}
}
