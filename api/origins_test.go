package api

import (
	"net/url"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

func siteOf(t *testing.T, public string) *site {
	t.Helper()
	u, err := url.Parse(public)
	require.NoError(t, err)
	return newSite(u)
}

func TestPublicURLDecidesHost(t *testing.T) {
	for public, hosts := range map[string]map[string]bool{
		"https://crm.example.test":      {"crm.example.test": true, "CRM.example.test:443": true, "crm.example.test:80": false, "crm.example.test:8443": false, "example.test": false, "": false},
		"https://crm.example.test:8443": {"crm.example.test:8443": true, "crm.example.test": false},
		"http://localhost:8080":         {"localhost:8080": true, "127.0.0.1:8080": true, "[::1]:8080": true, "localhost": false, "localhost:8081": false, "127.0.0.2:8080": false},
		"http://127.0.0.1":              {"127.0.0.1": true, "localhost": true, "localhost:80": true, "localhost:8080": false},
		"http://[::1]:9000":             {"[::1]:9000": true, "localhost:9000": true},
	} {
		for host, want := range hosts {
			require.Equal(t, want, siteOf(t, public).hostAllowed(host), "%s at %s", host, public)
		}
	}
}

func TestForeignPages(t *testing.T) {
	const cookie = "session-8080=x"
	for _, test := range []struct {
		name                              string
		method, site, origin, cookie, key string
		refused                           bool
	}{
		{name: "a page of ours", method: "POST", site: "same-origin", origin: "http://localhost:8080", cookie: cookie},
		{name: "another name of loopback", method: "POST", site: "same-origin", origin: "http://127.0.0.1:8080", cookie: cookie},
		{name: "an old browser of ours", method: "POST", origin: "http://localhost:8080", cookie: cookie},
		{name: "a browser that hides the origin", method: "DELETE", site: "same-origin", cookie: cookie},
		{name: "a program", method: "POST"},
		{name: "a program with a token", method: "POST", key: "Bearer gv_x"},
		{name: "a program with a token and a cookie", method: "POST", key: "bearer gv_x", cookie: cookie, origin: "https://evil.example"},
		{name: "reading", method: "GET", site: "cross-site", origin: "https://evil.example", cookie: cookie},
		{name: "a cookie alone", method: "POST", cookie: cookie, refused: true},
		{name: "a cookie and another scheme", method: "POST", cookie: cookie, key: "Basic eDp5", refused: true},
		{name: "another site", method: "POST", site: "cross-site", origin: "https://evil.example", cookie: cookie, refused: true},
		{name: "another site, nobody", method: "POST", site: "cross-site", refused: true},
		{name: "a neighbour", method: "POST", site: "same-site", origin: "http://localhost:8081", refused: true},
		{name: "typed", method: "POST", site: "none", origin: "http://localhost:8080", refused: true},
		{name: "another port", method: "PUT", origin: "http://localhost:8081", refused: true},
		{name: "another scheme", method: "PUT", origin: "https://localhost:8080", refused: true},
		{name: "null", method: "PATCH", site: "same-origin", origin: "null", refused: true},
	} {
		app := fiber.New()
		c := app.AcquireCtx(&fasthttp.RequestCtx{})
		c.Request().Header.SetMethod(test.method)
		for name, value := range map[string]string{"Sec-Fetch-Site": test.site, "Origin": test.origin, "Cookie": test.cookie, "Authorization": test.key} {
			if value != "" {
				c.Request().Header.Set(name, value)
			}
		}
		require.Equal(t, test.refused, siteOf(t, "http://localhost:8080").refuseForeignPage(c), test.name)
		app.ReleaseCtx(c)
	}
}

func TestCookies(t *testing.T) {
	for public, want := range map[string]string{
		"https://crm.example.test": "__Host-session=v; path=/; HttpOnly; secure; SameSite=Lax",
		"http://localhost:8080":    "session-8080=v; path=/; HttpOnly; SameSite=Lax",
		"http://localhost":         "session-80=v; path=/; HttpOnly; SameSite=Lax",
	} {
		u, err := url.Parse(public)
		require.NoError(t, err)
		app := fiber.New()
		c := app.AcquireCtx(&fasthttp.RequestCtx{})
		newCookieJar(u).set(c, cookieSession, "v", time.Time{})
		require.Equal(t, want, string(c.Response().Header.PeekCookie(newCookieJar(u).name(cookieSession))))
		app.ReleaseCtx(c)
	}
}
