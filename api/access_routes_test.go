package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/api"
	"grapevine/internal/realtest/accounts"
)

// asking is somebody who asks, by the headers of the request.
type asking struct {
	name    string
	headers header
	rights  []string // see wanted
}

// wanted is what each route needs: one of these words, or what the answer is instead of 401 or 403.
var wanted = map[string]string{
	"GET /healthz": "open", "GET /readyz": "open", "GET /metrics": "figures",
	"POST /session": "open", "GET /session": "person", "DELETE /session": "person", "PUT /session/password": "person",
	"GET /sessions": "person", "DELETE /sessions": "person", "DELETE /sessions/:id": "person",
	"POST /setup": "open", "POST /invitations": "person", "POST /invitations/accept": "open",
	"GET /users": "instance", "PATCH /users/:id": "instance", "DELETE /users/:id": "instance", "DELETE /users/:id/sessions": "instance",
	"GET /workspaces": "somebody", "GET /workspaces/:workspace/members": "members",
	"PUT /workspaces/:workspace/members/:user": "members", "DELETE /workspaces/:workspace/members/:user": "members",
	"POST /tokens": "person", "GET /tokens": "person", "DELETE /tokens/:id": "person",
	"GET /oidc/start": "open", "POST /oidc/start": "person", "GET /oidc/callback": "open",
	"GET /contacts": "viewer", "POST /contacts": "editor", "GET /contacts/search": "viewer", "POST /contacts/import": "editor",
	"GET /imports/:id": "viewer", "GET /contacts/export": "viewer", "GET /contacts/stats/companies": "viewer",
	"GET /contacts/stats/tags": "viewer", "GET /contacts/stats/months": "viewer", "GET /contacts/:id": "viewer",
	"PUT /contacts/:id": "editor", "PATCH /contacts/:id": "editor", "DELETE /contacts/:id": "editor",
	"GET /openapi.json": "somebody", "GET /asyncapi.json": "somebody",
}

// askers are everybody who may come.
func (h *signInHarness) askers() []asking {
	revoked := h.User("default:editor")
	over := h.Session(revoked)
	viewer, editor := h.User("default:viewer"), h.User("default:editor", "sales:viewer")
	other, manager := h.User("sales:admin"), h.User("default:admin")
	list := []asking{
		{"nobody", nil, nil},
		{"another scheme", header{"Authorization": "Basic eDp5"}, nil},
		{"a wrong token", bearer("gv_0123456789012345678901234567890123456789012abcdef"), nil},
		{"a wrong token beside a good cookie", h.cookie(h.Session(manager)).with("Authorization", "Bearer nonsense"), nil},
		{"an unknown cookie", h.cookie(strings.Repeat("A", 43)), nil},
		{"a session that is over", h.cookie(h.expired(viewer)), nil},
		{"a session that was ended", h.cookie(over), nil},
		{"a viewer", h.cookie(h.Session(viewer)), []string{"somebody", "person", "viewer"}},
		{"a token of a viewer that says editor", bearer(h.Token(viewer, "default", "editor")), []string{"somebody", "viewer"}},
		{"a token that says viewer, of an editor", bearer(h.Token(editor, "default", "viewer")), []string{"somebody", "viewer"}},
		{"an editor", h.cookie(h.Session(editor)), []string{"somebody", "person", "viewer", "editor"}},
		{"a token of an editor", bearer(h.Token(editor, "default", "editor")), []string{"somebody", "viewer", "editor"}},
		{"a service token", bearer(h.Token(accounts.User{}, "default", "editor")), []string{"somebody", "viewer", "editor"}},
		{"an admin of another workspace", h.cookie(h.Session(other)), []string{"somebody", "person"}},
		{"a token of another workspace", bearer(h.Token(other, "sales", "admin")), []string{"somebody"}},
		{"an admin of the workspace", h.cookie(h.Session(manager)), []string{"somebody", "person", "viewer", "editor", "members"}},
		{"a token of an admin of the workspace", bearer(h.Token(manager, "default", "admin")), []string{"somebody", "viewer", "editor"}},
		{"a metrics token", bearer(h.Token(accounts.User{}, "", "metrics")), []string{"figures"}},
		{"an admin of the instance", h.cookie(h.Session(h.Admin())), []string{"somebody", "person", "viewer", "editor", "members", "instance", "figures"}},
	}
	_, err := h.db.Collection("sessions").DeleteOne(h.t.Context(), bson.M{"_id": accounts.Hash(over)})
	require.NoError(h.t, err)
	return list
}

// expired is a session of u whose time is over.
func (h *signInHarness) expired(u accounts.User) string {
	secret := h.Session(u)
	_, err := h.db.Collection("sessions").UpdateByID(h.t.Context(), accounts.Hash(secret), bson.M{"$set": bson.M{"expiresAt": bson.NewDateTimeFromTime(hourAgo())}})
	require.NoError(h.t, err)
	return secret
}

// Every route of the server asks for the right that the table in this file says, of everybody, by every method.
func TestEveryRouteAsksForItsRight(t *testing.T) {
	h := newSignInHarness(t, func(c *api.Config) {
		c.Metrics, c.AsyncAPI = metricsHandler, []byte(`{}`)
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	routes := servedRoutes()
	for _, route := range routes {
		require.Contains(t, wanted, route, "the table of this test has no line for it")
	}
	require.ElementsMatch(t, routes, keys(wanted), "a line has no route")
	for _, who := range h.askers() {
		for route, need := range wanted {
			method, path, _ := strings.Cut(route, " ")
			if endsOwnSession(route) {
				continue // the tests of sign-in do that
			}
			path = pathIn.Replace(pathParameter.ReplaceAllString(path, "{$1}"))
			h.requireRight(who, method, path, need)
			if method == http.MethodGet {
				h.requireRight(who, http.MethodHead, path, need)
			}
		}
		for _, path := range []string{"/nothing", "/contacts/", mounts + "page"} {
			h.requireRight(who, http.MethodGet, path, "nobody")
		}
		h.requireOptions(who)
	}
}

// endsOwnSession names the routes after which the asker of this test would be nobody.
func endsOwnSession(route string) bool {
	return slices.Contains([]string{"DELETE /session", "DELETE /sessions"}, route)
}

// requireRight asks once.
func (h *signInHarness) requireRight(who asking, method, path, need string) {
	h.t.Helper()
	what := fmt.Sprintf("%s asks for %s %s", who.name, method, path)
	body := ""
	if method != http.MethodGet && method != http.MethodHead && method != http.MethodDelete {
		body = "{}"
	}
	a := h.do(method, path, h.fromElsewhere(who.headers), body)
	may := slices.Contains(who.rights, need)
	switch {
	case need == "open" && method == http.MethodPost: // refused for its body or its credentials, but by the handler
		require.Contains(h.t, []int{401, 404, 410, 422}, a.status, what)
	case need == "open":
		require.Contains(h.t, []int{200, 400, 401, 404}, a.status, what)
	case len(who.rights) == 0:
		require.Equal(h.t, 401, a.status, "%s: %s", what, a.body)
		require.Equal(h.t, "Bearer", a.header.Get("WWW-Authenticate"), what)
		require.Empty(h.t, a.cookies(), what)
	case need == "nobody" && slices.Contains(who.rights, "somebody"):
		require.Equal(h.t, 404, a.status, "%s: %s", what, a.body)
	case may:
		require.NotContains(h.t, []int{401, 403, 500}, a.status, "%s: %s", what, a.body)
	case need == "members" && !strings.Contains(who.name, "token") && !slices.Contains(who.rights, "viewer"):
		require.Equal(h.t, 404, a.status, "%s: %s", what, a.body)
	default:
		require.Equal(h.t, 403, a.status, "%s: %s", what, a.body)
	}
	if need != "open" {
		require.Regexp(h.t, `private|no-store`, a.header.Get("Cache-Control"), what)
		require.Regexp(h.t, `Cookie, Authorization`, a.header.Get("Vary"), what)
	}
}

// fromElsewhere adds another address to each request, because an address that tries unknown secrets gets 429.
func (h *signInHarness) fromElsewhere(headers header) header {
	h.asked++
	return headers.with("X-Forwarded-For", fmt.Sprintf("10.0.%d.%d", h.asked/256, h.asked%256))
}

// requireOptions asks which methods a path has: nobody learns it of a path that is not open.
func (h *signInHarness) requireOptions(who asking) {
	h.t.Helper()
	for _, path := range []string{"/contacts", "/users", "/tokens", "/nothing"} {
		a := h.do(http.MethodOptions, path, h.fromElsewhere(who.headers), "")
		if len(who.rights) == 0 {
			require.Equal(h.t, 401, a.status, "%s %s", who.name, path)
			require.Empty(h.t, a.header.Get("Allow"))
		} else {
			require.Contains(h.t, []int{204, 403, 404}, a.status, "%s %s", who.name, path)
		}
	}
}

// servedRoutes are the routes of this package: method and path as Fiber has them.
func servedRoutes() []string {
	served := map[string]bool{}
	for _, routes := range api.New(api.Config{}).App().Stack() {
		for _, r := range routes {
			if _, described := wanted[r.Method+" "+r.Path]; described || r.Path != "/" && isRealMethod(r.Method, r.Path) {
				served[r.Method+" "+r.Path] = true
			}
		}
	}
	return keys(served)
}

// isRealMethod reports whether openapi.json has the method. The others are those of the handler that answers 405.
func isRealMethod(method, path string) bool {
	doc, err := parseOpenAPI()
	item := doc.Paths.Value(pathParameter.ReplaceAllString(path, "{$1}"))
	return err != nil || item == nil || item.GetOperation(method) != nil && method != http.MethodHead
}

func keys[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
