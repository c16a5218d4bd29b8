package api_test

import (
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
