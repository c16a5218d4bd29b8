package api_test

import (
	"net/http"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/access/oidc"
	"grapevine/api"
	"grapevine/internal/realtest/accounts"
)

// providerHarness is a server with a provider of single sign-on.
type providerHarness struct {
	*signInHarness
	provider *mockoidc.MockOIDC
}

func newProviderHarness(t *testing.T) *providerHarness {
	t.Helper()
	provider, err := mockoidc.Run()
	require.NoError(t, err)
	t.Cleanup(func() { _ = provider.Shutdown() })
	h := newSignInHarness(t, func(c *api.Config) {
		c.OIDC = oidc.New(oidc.Config{
			Access: c.Access, Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
			PublicURL: c.PublicURL, Logger: c.Logger,
		})
	})
	return &providerHarness{h, provider}
}

// atProvider signs a person in at the provider, to which the server sent the browser, and returns where the browser goes next.
func (h *providerHarness) atProvider(address string, u accounts.User) (path string) {
	h.t.Helper()
	h.provider.QueueUser(&mockoidc.MockUser{Subject: "subject of " + u.Email, Email: u.Email, EmailVerified: true})
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(h.t, err)
	answer, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(h.t, err)
	defer answer.Body.Close()
	back, err := answer.Location()
	require.NoError(h.t, err)
	require.Equal(h.t, h.url, back.Scheme+"://"+back.Host)
	return back.RequestURI()
}

// flowOf is the cookie of a flow, beside the session.
func (h *providerHarness) flowOf(a *answer, session string) header {
	cookie := h.cookie(session)
	return cookie.with("Cookie", cookie["Cookie"]+"; oidc-"+h.port+"="+value(a.cookies()["oidc-"+h.port]))
}

func (h *providerHarness) isLinked(u accounts.User) bool {
	h.t.Helper()
	n, err := h.db.Collection("users").CountDocuments(h.t.Context(), bson.M{"_id": u.ID, "oidc": bson.M{"$ne": nil}})
	require.NoError(h.t, err)
	return n == 1
}

// An address to which any site can send the browser links nothing. A request that only our own page can make does.
func TestOnlyAPostLinksAnAccount(t *testing.T) {
	h := newProviderHarness(t)
	user := h.User("default:editor")
	session := h.Session(user)
	mine := h.cookie(session)
	for _, site := range []string{"cross-site", "none", "same-origin"} {
		started := h.getWithoutRedirect("/oidc/start?next=/account", mine.with("Sec-Fetch-Site", site))
		require.Equal(t, http.StatusSeeOther, started.status, started.body)
		back := h.atProvider(started.header.Get("Location"), user)
		require.Equal(t, http.StatusForbidden, h.getWithoutRedirect(back, h.flowOf(started, session)).status, site)
		require.False(t, h.isLinked(user), site)
	}

	require.Equal(t, 403, h.do("POST", "/oidc/start", mine.with("Sec-Fetch-Site", "cross-site"), `{}`).status)
	require.Equal(t, 401, h.do("POST", "/oidc/start", nil, `{}`).status)
	require.Equal(t, 403, h.do("POST", "/oidc/start", bearer(h.Token(user, "default", "editor")), `{}`).status)
	started := h.do("POST", "/oidc/start", mine, `{"next":"/account"}`)
	require.Equal(t, http.StatusOK, started.status, started.body)
	finished := h.getWithoutRedirect(h.atProvider(started.json(t)["url"].(string), user), h.flowOf(started, session))
	require.Equal(t, http.StatusSeeOther, finished.status, finished.body)
	require.Equal(t, "/account", finished.header.Get("Location"))
	require.True(t, h.isLinked(user))
}

// A person whose single sign-on fails gets a page that says so, and a program the error.
func TestAFailedSignOnIsShownOnAPage(t *testing.T) {
	h := newProviderHarness(t)
	stranger := accounts.User{Email: "stranger@example.test"}
	begin := func() (path string, headers header) {
		started := h.getWithoutRedirect("/oidc/start", nil)
		return h.atProvider(started.header.Get("Location"), stranger), h.flowOf(started, "none")
	}
	page := func(headers header) header {
		return headers.with("Accept", "text/html,application/xhtml+xml", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site")
	}
	requireShown := func(problem, path string, headers header) {
		t.Helper()
		a := h.getWithoutRedirect(path, page(headers))
		require.Equal(t, http.StatusSeeOther, a.status, a.body)
		require.Equal(t, "/signin?problem="+problem, a.header.Get("Location"))
		require.Equal(t, "no-store", a.header.Get("Cache-Control"))
		require.NotContains(t, a.cookies(), "session-"+h.port)
	}
	path, flow := begin()
	requireShown("oidc-refused", path, flow)
	requireShown("oidc-invalid", path, flow) // it was used
	requireShown("oidc-invalid", path, nil)
	requireShown("oidc-invalid", "/oidc/start?x=1", nil)
	path, flow = begin()
	h.provider.QueueError(&mockoidc.ServerError{Code: http.StatusInternalServerError, Error: "server_error"})
	requireShown("oidc-unavailable", path, flow)

	path, flow = begin()
	program := h.getWithoutRedirect(path, flow)
	require.Equal(t, http.StatusForbidden, program.status, program.body)
	require.Equal(t, "forbidden", program.json(t)["code"])
}
