package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// PUBLIC_URL alone decides cookies, Host and Origin. (Case 11.)
func TestPublicURLDecidesEverything(t *testing.T) {
	h := newSignInHarness(t, func(c *api.Config) { c.PublicURL = "https://crm.example.test" })
	user := h.User("default:editor")
	spoofed := header{"Host": "crm.example.test", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example;proto=http"}
	signed := h.do("POST", "/session", spoofed, h.credentials(user))
	require.Equal(t, 201, signed.status, signed.body)
	cookie := signed.cookies()["__Host-session"]
	require.Regexp(t, `^[A-Za-z0-9_-]{43}; max-age=[0-9]+; path=/; HttpOnly; secure; SameSite=Lax$`, cookie)
	require.Equal(t, "max-age=31536000", signed.header.Get("Strict-Transport-Security"))

	me := func(cookies string) header {
		return header{"Host": "crm.example.test", "Cookie": cookies, "Origin": "https://crm.example.test", "Sec-Fetch-Site": "same-origin"}
	}
	good := "__Host-session=" + value(cookie)
	require.Equal(t, 200, h.get("/session", me(good)).status)
	require.Equal(t, 401, h.get("/session", me("session="+value(cookie))).status)
	require.Equal(t, 401, h.get("/session", me("session-443="+value(cookie))).status)
	for _, twice := range []string{good + "; " + good, good + "; __Host-session=other"} {
		require.Equal(t, 400, h.get("/session", me(twice)).status)
	}
	require.Equal(t, 403, h.get("/session", me(good).with("Host", "evil.example")).status)
	require.Equal(t, 403, h.get("/session", me(good).with("Host", h.addr)).status)
	require.Equal(t, 403, h.do("POST", "/contacts", me(good).with("Origin", "http://crm.example.test"), ada).status)
	require.Equal(t, 403, h.do("POST", "/contacts", me(good).with("Origin", "null"), ada).status)
	require.Equal(t, 403, h.do("POST", "/contacts", me(good).with("Sec-Fetch-Site", "same-site"), ada).status)
	require.Equal(t, 403, h.do("POST", "/contacts", header{"Host": "crm.example.test", "Cookie": good}, ada).status)
	require.Equal(t, 403, h.do("POST", "/session", header{"Host": "crm.example.test", "Sec-Fetch-Site": "cross-site"}, h.credentials(user)).status)
	require.Equal(t, 201, h.do("POST", "/contacts", me(good), ada).status)
	require.Equal(t, 200, h.get("/healthz", header{"Host": "10.0.0.1"}).status)
	require.Contains(t, []int{200, 503}, h.get("/readyz", header{"Host": "anything.example"}).status)

	token := bearer(h.Token(user, "default", "editor")).with("Host", "crm.example.test")
	require.Equal(t, 201, h.do("POST", "/contacts", token, ada).status, "a program has no Origin")
	require.Equal(t, 400, h.get("/contacts?access_token=x", token).status)
	require.Equal(t, 400, h.get("/contacts?q="+token["Authorization"][len("Bearer "):], token).status)
}

// Two instances on two ports of one machine keep their people apart in one cookie jar. (Case 12.)
func TestTwoPortsShareOneCookieJar(t *testing.T) {
	one, two := newSignInHarness(t), newSignInHarness(t)
	a, b := one.Session(one.User("default:viewer")), two.Session(two.User("default:viewer"))
	jar := "session-" + one.port + "=" + a + "; session-" + two.port + "=" + b
	require.Equal(t, 200, one.get("/session", header{"Cookie": jar}).status)
	require.Equal(t, 200, two.get("/session", header{"Cookie": jar}).status)
}

// A person who asks for a page is led to the page for signing in; a program gets the error.
func TestPersonIsLedToSignIn(t *testing.T) {
	h := newSignInHarness(t)
	page := header{"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}
	a := h.getWithoutRedirect("/inspect?x=1&y=2", page)
	require.Equal(t, 303, a.status)
	require.Equal(t, "/signin?next=%2Finspect%3Fx%3D1%26y%3D2", a.header.Get("Location"))
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))
	require.Equal(t, 303, h.getWithoutRedirect("/", header{"Accept": "text/html"}).status)
	for _, program := range []header{{"Accept": "application/json"}, {}, page.with("Sec-Fetch-Mode", "cors"), page.with("Authorization", "Bearer gv_x")} {
		require.Equal(t, 401, h.getWithoutRedirect("/inspect", program).status)
	}
}
