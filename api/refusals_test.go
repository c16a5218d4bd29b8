package api_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// An attack shows in the log, with its address and without what it tried.
func TestRefusalsAreLogged(t *testing.T) {
	h := newSignInHarness(t, func(c *api.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	viewer := h.User("default:viewer")
	const guess = "gv_0123456789012345678901234567890123456789012abcdef"
	for range 5 {
		require.Equal(t, 401, h.get("/contacts", bearer(guess).with("X-Forwarded-For", "192.0.2.1")).status)
		require.Contains(t, []int{200, 401, 503}, h.get("/readyz", h.cookie(strings.Repeat("A", 43)).with("X-Forwarded-For", "192.0.2.2")).status)
		require.Equal(t, 403, h.do("POST", "/contacts", h.cookie(h.Session(viewer)).with("X-Forwarded-For", "192.0.2.3"), ada).status)
	}
	status := 0
	for range 100 {
		body := `{"email":"nobody@example.test","password":"wrong password 1"}`
		if status = h.do("POST", "/session", header{"X-Forwarded-For": "192.0.2.4"}, body).status; status == 429 {
			break
		}
	}
	require.Equal(t, 429, status)
	require.Equal(t, 401, h.get("/session", header{"X-Forwarded-For": "192.0.2.5"}).status)
	log := h.log.String()
	for _, line := range []string{
		`code=unauthorized address=192.0.2.1 method=GET route=/contacts times=1`,
		`code=unauthorized address=192.0.2.2 method=GET route=/readyz times=1`,
		`code=forbidden address=192.0.2.3 method=POST route=/contacts times=1 user=` + viewer.ID.Hex(),
		`code=too-many address=192.0.2.4 method=POST route=/session times=1`,
	} {
		require.Equal(t, 1, strings.Count(log, `msg="refused a request" `+line), line)
	}
	require.Equal(t, 4, strings.Count(log, `msg="refused a request"`), "nobody without credentials is refused anything")
	require.NotContains(t, log, guess)
}
