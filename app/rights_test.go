package app

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// openRoutes are the routes that let nobody in.
var openRoutes = []string{
	"GET /healthz", "GET /readyz", "GET /signin", "GET /setup", "POST /setup", "GET /invitation", "GET /assets/:version/*",
	"GET /oidc/start", "GET /oidc/callback", "POST /session", "POST /invitations/accept",
}

var routeParameter = regexp.MustCompile(`:\w+|\*`)

// Every route that an instance serves, whatever its roles, has a line in the table of rights.
func TestEveryRouteHasARight(t *testing.T) {
	described := openAPI(t)
	for _, names := range [][]string{{roleAPI, roleWatcher, roleWorker}, {roleWatcher, roleWorker}, {roleWatcher}} {
		config := defaults(realtest.New(t))
		config.Roles = names
		a, err := New(config, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		defer a.Close()
		var open []string
		for _, routes := range a.server.App().Stack() {
			for _, r := range routes {
				right := api.RightOf(r.Method, routeParameter.ReplaceAllString(r.Path, "x"))
				item := described.Paths.Value(pathNames.Replace(r.Path))
				isRoute := item != nil && item.GetOperation(r.Method) != nil // else it is middleware, or a 405
				if !isRoute {
					continue
				}
				require.NotEmpty(t, right, "%s %s has no line", r.Method, r.Path)
				if strings.HasPrefix(right, "anyone") {
					open = append(open, r.Method+" "+r.Path)
				}
			}
		}
		for _, route := range open {
			require.Contains(t, openRoutes, route, "it is open")
		}
		require.Equal(t, slices.Contains(names, roleAPI), slices.Contains(open, "POST /session"))
	}
}

// An instance that only works asks for the same rights. (Case 15.)
func TestWorkerAsksForRightsToo(t *testing.T) {
	i := start(t, realtest.New(t), signInOn, roles(roleWatcher, roleWorker))
	admin, editor := i.accounts().Admin(), i.accounts().User("default:editor")
	metrics := i.as(i.accounts().Token(accounts.User{}, "", "metrics"))
	for _, path := range []string{"/jobs", "/jobs/api/queues", "/metrics", "/contacts", "/nothing", "/inspect/info", "/ws/contacts", "/ws/pipeline"} {
		require.Equal(t, http.StatusUnauthorized, i.get(path).Status, path)
		require.Equal(t, http.StatusUnauthorized, i.call(http.MethodHead, path, nil).Status, path)
		require.Equal(t, http.StatusUnauthorized, i.call(http.MethodOptions, path, nil).Status, path)
	}
	for path, want := range map[string]int{"/jobs": 200, "/jobs/api/queues": 200, "/metrics": 200, "/contacts": 404, "/nothing": 404} {
		require.Equal(t, want, i.signedIn(i.accounts().Session(admin)).get(path).Status, path)
	}
	for path, want := range map[string]int{"/jobs": 403, "/jobs/api/queues": 403, "/metrics": 403, "/contacts": 404, "/nothing": 404} {
		require.Equal(t, want, i.signedIn(i.accounts().Session(editor)).get(path).Status, path)
	}
	for path, want := range map[string]int{"/jobs": 403, "/metrics": 200, "/contacts": 403, "/nothing": 403} {
		require.Equal(t, want, metrics.get(path).Status, path)
	}
	require.NotContains(t, string(i.get("/readyz").Body), "mongodb", "nobody learns of the parts")
	require.Contains(t, string(metrics.get("/readyz").Body), "mongodb")
	require.Equal(t, http.StatusOK, i.get("/healthz").Status)
}
