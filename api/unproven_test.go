package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/access"
	"grapevine/internal/servers"
)

// newHarnessBehind is a server whose access reaches MongoDB through a proxy.
func newHarnessBehind(t *testing.T) (h *signInHarness, proxy *servers.Proxy) {
	t.Helper()
	h = newSignInHarnessVia(t, func(uri string) string {
		u, err := url.Parse(uri)
		require.NoError(t, err)
		proxy, err = servers.NewProxy(u.Host)
		require.NoError(t, err)
		t.Cleanup(proxy.Close)
		u.Host = proxy.Addr()
		return u.String()
	})
	return h, proxy
}

// While MongoDB hangs, who was proven a moment ago goes on reading. A write of his is 503, and takes no cookie away.
func TestWritesOfTheUnprovenAreUnavailable(t *testing.T) {
	h, proxy := newHarnessBehind(t)
	user := h.User("default:editor")
	askers := map[string]header{
		"a session": h.cookie(h.Session(user)), "a token": bearer(h.Token(user, "default", "editor")),
	}
	path := h.do("POST", "/contacts", askers["a session"], ada).header.Get("Location")
	for _, who := range askers {
		require.Equal(t, 201, h.do("POST", "/contacts", who, ada).status)
	}
	before := len(h.stored(t))
	proxy.Stall()
	for name, who := range askers {
		h.eventually("he cannot be proven", func() bool { return h.do("POST", "/contacts", who, `{}`).status == 503 })
		for _, write := range []struct{ method, path, body, media string }{
			{"POST", "/contacts", ada, "application/json"},
			{"PATCH", path, `{"notes":"x"}`, "application/merge-patch+json"},
			{"PUT", path, ada, "application/json"},
			{"DELETE", path, "", ""},
			{"POST", "/contacts/import", "firstName\nAda\n", "text/csv"},
			{"POST", "/contacts/import?dryRun=true", "firstName\nAda\n", "text/csv"},
		} {
			headers := who
			if write.media != "" {
				headers = who.with("Content-Type", write.media)
			}
			a := h.do(write.method, write.path, headers, write.body)
			require.Equal(t, http.StatusServiceUnavailable, a.status, "%s: %s %s: %s", name, write.method, write.path, a.body)
			require.Contains(t, a.body, "nobody can be sure that you may write", "%s: %s %s", name, write.method, write.path)
			require.NotEmpty(t, a.header.Get("Retry-After"))
			require.Empty(t, a.cookies())
		}
		require.Equal(t, 200, h.get(path, who).status, "%s reads", name)
	}
	require.Len(t, h.stored(t), before)
	proxy.Forward()
	proxy.Cut()
	for _, who := range askers {
		h.eventually("he writes again", func() bool { return h.do("POST", "/contacts", who, ada).status == 201 })
	}
}

// A MongoDB that just came back is not asked for a moment. Meanwhile nobody who is signed in is told to sign in.
func TestAcceptWhileItIsNotKnownWhoAsks(t *testing.T) {
	h, proxy := newHarnessBehind(t)
	user := h.User("default:viewer")
	link, err := h.access.Invite(t.Context(), access.CommandLine, access.Offer{
		Email: user.Email, Memberships: []access.Membership{{Workspace: "sales", Role: grapevine.Viewer}},
	})
	require.NoError(t, err)
	mine := h.cookie(h.Session(user))
	proxy.Stall()
	require.Equal(t, 503, h.get("/session", mine).status)
	h.eventually("MongoDB is not asked for a second", func() bool { return strings.Contains(h.log.String(), "MongoDB does not say who may do what") })
	proxy.Forward()
	proxy.Cut()
	h.eventually("the link is used", func() bool {
		a := h.do("POST", "/invitations/accept", mine, `{"secret":"`+link.Secret+`"}`)
		require.Contains(t, []int{200, 503}, a.status, a.body)
		return a.status == 200
	})
	n, err := h.db.Collection("users").CountDocuments(t.Context(), bson.M{"_id": user.ID, "memberships.workspace": "sales"})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}
