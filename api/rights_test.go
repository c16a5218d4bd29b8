package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableOfRightsFindsAPath(t *testing.T) {
	for path, want := range map[string]string{
		"/":                        "/",
		"/contacts":                "/contacts",
		"/contacts/export":         "/contacts/export",
		"/contacts/0123":           "/contacts/:id",
		"/assets/1/css/a.css":      "/assets/:version/*",
		"/jobs":                    "/jobs",
		"/jobs/":                   "/jobs/*",
		"/jobs/api/queues":         "/jobs/api/*",
		"/workspaces/a/members":    "/workspaces/:workspace/members",
		"/workspaces/a/members/b":  "/workspaces/:workspace/members/:user",
		"/users/1":                 "/users/:id",
		"/users/1/sessions":        "/users/:id/sessions",
		"/inspect/experiments/any": "/inspect/experiments/:name",
	} {
		found := theRights.find(path)
		require.NotNil(t, found, path)
		require.Equal(t, want, found.path, path)
	}
	for _, path := range []string{"", "/contacts/", "/contacts/a/b", "/Contacts", "/contactsx", "/workspaces/a/members/", "/workspaces//members", "/nothing", "/users/1/sessions/2", "/healthz/", "//"} {
		require.Nil(t, theRights.find(path), path)
	}
}

func TestTableOfRightsByMethod(t *testing.T) {
	contacts := theRights.find("/contacts")
	require.Equal(t, []right{viewer}, contacts.of("GET"))
	require.Equal(t, []right{viewer}, contacts.of("HEAD"))
	require.Equal(t, []right{writer}, contacts.of("POST"))
	for _, method := range []string{"OPTIONS", "TRACE", "DELETE"} {
		require.Equal(t, []right{viewer, writer}, contacts.of(method), method)
	}
}

// Every right is one that permits knows, and only these are open to nobody.
func TestOpenRoutes(t *testing.T) {
	var open []string
	for _, r := range rights {
		if r.right.isOpen() {
			open = append(open, r.methods+" "+r.path)
		}
	}
	require.Equal(t, []string{
		"GET /healthz", "GET /readyz", "GET /signin", "GET POST /setup", "GET /invitation", "GET /assets/:version/*", "GET /favicon.ico",
		"GET /oidc/start", "GET /oidc/callback", "POST /session", "POST /invitations/accept",
	}, open)
}

func TestOwnPath(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/contacts?q=a%20b": "/contacts?q=a%20b", "/inspect": "/inspect",
		"//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "/a\\b": "/", "/a\nb": "/", "": "/", "evil": "/", "/\t/evil": "/",
	} {
		require.Equal(t, want, ownPath(path), path)
	}
}

func TestSecretsInAQuery(t *testing.T) {
	const token = "gv_0123456789012345678901234567890123456789012abcdef"
	for _, query := range []string{"access_token=x", "q=1&TOKEN=x", "q=" + token, "next=%2Fa%3Ft%3D" + token, "s%65cret=1", "password", "x=%zz&token=1"} {
		require.Error(t, refuseSecrets(query), query)
	}
	for _, query := range []string{"", "q=token", "q=gv_short", "tag=secret", "after=abc_gv_x", "next=%2Fcontacts"} {
		require.NoError(t, refuseSecrets(query), query)
	}
}
