package app

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/accounts"
)

// The routes that are not the API's ask for rights too: pages, sockets, metrics and the dashboard of the jobs. (Case 15.)
func TestMountedRoutesAskForRights(t *testing.T) {
	i := start(t, realtest.New(t), signInOn)
	viewer, other, admin := i.accounts().User("default:viewer"), i.accounts().User("sales:admin"), i.accounts().Admin()
	const out, no, yes, upgrade = http.StatusUnauthorized, http.StatusForbidden, http.StatusOK, http.StatusUpgradeRequired
	askers := []*instance{
		i, i.with("Authorization", "Bearer wrong"), // so many look-ups of unknown tokens would be too many for one address: no token has this form
		i.signedIn(i.accounts().Session(viewer)), i.as(i.accounts().Token(viewer, "default", "viewer")),
		i.signedIn(i.accounts().Session(other)), i.as(i.accounts().Token(accounts.User{}, "", "metrics")), i.signedIn(i.accounts().Session(admin)),
	}
	for path, want := range map[string][]int{
		"/":                            {out, out, yes, yes, yes, no, yes},
		"/docs":                        {out, out, yes, yes, yes, no, yes},
		"/account":                     {out, out, yes, yes, yes, no, yes},
		"/members":                     {out, out, yes, yes, yes, no, yes},
		"/openapi.json":                {out, out, yes, yes, yes, no, yes},
		"/asyncapi.json":               {out, out, yes, yes, yes, no, yes},
		"/inspect":                     {out, out, no, no, no, no, yes},
		"/inspect/info":                {out, out, no, no, no, no, yes},
		"/admin/users":                 {out, out, no, no, no, no, yes},
		"/jobs":                        {out, out, no, no, no, no, yes},
		"/jobs/api/queues":             {out, out, no, no, no, no, yes},
		"/metrics":                     {out, out, no, no, no, yes, yes},
		"/ws/contacts":                 {out, out, upgrade, upgrade, no, no, upgrade},
		"/ws/contacts?workspace=sales": {out, out, no, no, upgrade, no, upgrade},
		"/ws/pipeline":                 {out, out, no, no, no, no, upgrade},
		"/signin":                      {yes, yes, yes, yes, yes, yes, yes},
		"/setup":                       {yes, yes, yes, yes, yes, yes, yes},
		"/invitation":                  {yes, yes, yes, yes, yes, yes, yes},
		"/favicon.ico":                 {yes, yes, yes, yes, yes, yes, yes},
		"/healthz":                     {yes, yes, yes, yes, yes, yes, yes},
		"/readyz":                      {yes, out, yes, yes, yes, yes, yes},
	} {
		for n, asker := range askers {
			require.Equal(t, want[n], asker.get(path).Status, "asker %d: GET %s", n, path)
			head := asker.call(http.MethodHead, path, nil).Status
			if path == "/jobs/api/queues" && want[n] == yes {
				require.Equal(t, http.StatusMethodNotAllowed, head, "asynqmon has no HEAD there")
			} else {
				require.Equal(t, want[n], head, "asker %d: HEAD %s", n, path)
			}
		}
		if want[0] == out {
			require.Equal(t, out, i.call(http.MethodOptions, path, nil).Status, path)
		}
	}
	dashboard := i.signedIn(i.accounts().Session(admin))
	require.GreaterOrEqual(t, dashboard.call(http.MethodDelete, "/jobs/api/queues/any", nil).Status, 400, "it is read-only")
	require.Equal(t, no, i.signedIn(i.accounts().Session(viewer)).call(http.MethodPost, "/inspect/experiments/pause", nil).Status)
}
