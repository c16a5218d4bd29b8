package api_test

import (
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// mounted is a server with routes beside its own, as app mounts them.
func mounted(t *testing.T, path string, h fiber.Handler) *world {
	t.Helper()
	w := &world{t: t, log: &journal{}}
	s := api.New(api.Config{Logger: w.logger()})
	s.App().Get(path, h)
	w.serve(s)
	return w
}

func TestPanicIsAProblem(t *testing.T) {
	w := mounted(t, mounts+"panics", func(*fiber.Ctx) error { panic("mongodb://user:hunter2@db") })
	for range 3 {
		a := w.get(mounts+"panics", nil)
		require.Equal(t, 500, a.status)
		require.Equal(t, "internal", a.json(t)["code"])
		require.NotContains(t, a.body, "hunter2")
		require.Contains(t, w.log.String(), a.header.Get("X-Request-Id"), "the log tells what")
	}
	require.Contains(t, w.log.String(), "panic_test.go")
	require.Equal(t, 200, w.get("/healthz", nil).status, "the process lives on")
}

// What is mounted beside the API has its guards and its headers, and may loosen the policy of pages.
func TestMountedRoutes(t *testing.T) {
	w := mounted(t, mounts+"page", func(c *fiber.Ctx) error {
		c.Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
		return c.SendString("page")
	})
	a := w.get(mounts+"page", nil)
	require.Equal(t, "page", a.body)
	require.Equal(t, "default-src 'self' 'unsafe-inline'", a.header.Get("Content-Security-Policy"))
	require.True(t, strings.HasPrefix(w.get("/healthz", nil).header.Get("Content-Security-Policy"), "default-src 'self'; "))
	require.Equal(t, "no-store", w.get("/nowhere", nil).header.Get("Cache-Control"))
	require.Equal(t, 403, w.do("POST", mounts+"page", as{"Origin": "https://evil.example"}, "").status)
}
