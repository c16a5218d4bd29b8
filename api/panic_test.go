package api_test

import (
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// mounted is a server with one more route, mounted as app does.
func mounted(t *testing.T, path string, handler fiber.Handler) *harness {
	t.Helper()
	h := &harness{t: t, log: &logBuffer{}}
	s := api.New(api.Config{Logger: h.logger()})
	s.App().Get(path, handler)
	h.serve(s)
	return h
}

func TestPanicIsAProblem(t *testing.T) {
	h := mounted(t, mounts+"panics", func(*fiber.Ctx) error { panic("mongodb://user:hunter2@db") })
	for range 3 {
		a := h.get(mounts+"panics", nil)
		require.Equal(t, 500, a.status)
		require.Equal(t, "internal", a.json(t)["code"])
		require.NotContains(t, a.body, "hunter2")
		require.Contains(t, h.log.String(), a.header.Get("X-Request-Id"), "the log has the request id")
	}
	require.Contains(t, h.log.String(), "panic_test.go")
	require.Equal(t, 200, h.get("/healthz", nil).status, "the process goes on")
}

// A mounted route gets the checks and headers of the API, and can set a policy of its own.
func TestMountedRoutes(t *testing.T) {
	h := mounted(t, mounts+"page", func(c *fiber.Ctx) error {
		c.Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
		return c.SendString("page")
	})
	a := h.get(mounts+"page", nil)
	require.Equal(t, "page", a.body)
	require.Equal(t, "default-src 'self' 'unsafe-inline'", a.header.Get("Content-Security-Policy"))
	require.True(t, strings.HasPrefix(h.get("/healthz", nil).header.Get("Content-Security-Policy"), "default-src 'self'; "))
	require.Equal(t, "no-store", h.get("/nowhere", nil).header.Get("Cache-Control"))
	require.Equal(t, 403, h.do("POST", mounts+"page", header{"Origin": "https://evil.example"}, "").status)
}
