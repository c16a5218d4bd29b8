package api_test

import (
	"net/netip"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
	"grapevine/internal/realtest/accounts"
)

// oneRequest is a limit that lets one request in, and another one after a quarter of an hour.
const oneRequest = 0.001

// requireLimited requires a 429 with all of its headers.
func requireLimited(t *testing.T, a *answer) {
	t.Helper()
	require.Equal(t, 429, a.status, a.body)
	require.Equal(t, "too-many", a.json(t)["code"])
	require.Equal(t, "1", a.header.Get("RateLimit-Limit"))
	require.Equal(t, "0", a.header.Get("RateLimit-Remaining"))
	require.Equal(t, a.header.Get("Retry-After"), a.header.Get("RateLimit-Reset"))
	reset, err := strconv.Atoi(a.header.Get("RateLimit-Reset"))
	require.NoError(t, err)
	require.InDelta(t, 1000, reset, 100)
}

// A user has one limit in all his sessions, wherever they come from. A token has its own, and so has everybody else.
func TestTooManyOfOnePrincipal(t *testing.T) {
	h := newSignInHarness(t, func(c *api.Config) {
		c.PerPrincipal, c.TrustedProxies = oneRequest, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	user, other := h.User("default:editor"), h.User("default:editor")
	from := func(address string, who header) header { return who.with("X-Forwarded-For", address) }
	mine, again := h.cookie(h.Session(user)), h.cookie(h.Session(user))
	require.Equal(t, 200, h.get("/contacts", from("192.0.2.1", mine)).status)
	requireLimited(t, h.get("/contacts", from("192.0.2.1", mine)))
	requireLimited(t, h.get("/contacts", from("192.0.2.2", mine)))
	requireLimited(t, h.do("POST", "/contacts", from("192.0.2.3", again), ada))
	require.Empty(t, h.stored(t))
	require.Equal(t, 200, h.get("/contacts", from("192.0.2.1", h.cookie(h.Session(other)))).status)
	for _, token := range []string{h.Token(user, "default", "viewer"), h.Token(accounts.User{}, "default", "viewer")} {
		require.Equal(t, 200, h.get("/contacts", from("192.0.2.1", bearer(token))).status)
		requireLimited(t, h.get("/contacts", from("192.0.2.2", bearer(token))))
	}
	require.Equal(t, 401, h.get("/contacts", from("192.0.2.1", nil)).status, "nobody has no limit but that of the address")
	require.Equal(t, 200, h.get("/healthz", from("192.0.2.1", mine)).status)
}

// The limit of an address holds for all who come from it.
func TestTooManyFromOneAddress(t *testing.T) {
	h := newSignInHarness(t, func(c *api.Config) { c.PerClient = oneRequest })
	require.Equal(t, 200, h.get("/contacts", h.cookie(h.Session(h.User("default:viewer")))).status)
	requireLimited(t, h.get("/contacts", h.cookie(h.Session(h.User("default:viewer")))))
	requireLimited(t, h.get("/contacts", nil))
}
