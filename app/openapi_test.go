package app

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/contract"
)

// pathNames are the names that openapi.json gives to the parameters of Fiber's paths.
var pathNames = strings.NewReplacer(":id", "{id}", ":name", "{name}", "/assets/:version/*", "/assets/{version}/{file}", "/jobs/api/*", "/jobs/{path}", "/jobs/*", "/jobs/{path}")

func openAPI(t *testing.T) *contract.Document {
	t.Helper()
	doc, err := contract.Parse(api.OpenAPI())
	require.NoError(t, err)
	return doc
}

// An instance serves exactly the paths that openapi.json describes.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	a, err := New(defaults(realtest.New(t)), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer a.Close()
	served := map[string]bool{}
	for _, routes := range a.server.App().Stack() {
		for _, r := range routes {
			middleware := r.Path == "/" && r.Method != http.MethodGet && r.Method != http.MethodHead
			if !middleware {
				served[pathNames.Replace(r.Path)] = true
			}
		}
	}
	described := openAPI(t).Paths.Keys()
	for path := range served {
		require.Contains(t, described, path, "served, but not described")
	}
	for _, path := range described {
		require.True(t, served[path], "%s is described, but not served", path)
	}
}

// The routes beside the contacts answer as openapi.json says. The tests of api check the contacts.
func TestOpenAPIDescribesTheAnswersOfAnInstance(t *testing.T) {
	i := start(t, realtest.New(t))
	doc := openAPI(t)
	imported := i.importFile("default", "", "text/csv", []byte("First Name\nAda\n"))
	parameters := strings.NewReplacer("/imports/{id}", imported.Header.Get("Location"), "{version}", "any", "{file}", "favicon.svg", "{path}", "queues")
	check := func(path string, want int) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := i.call(method, path, nil)
			require.Equal(t, want, a.Status, "%s %s", method, path)
			doc.Check(t, "", a, "")
		}
	}
	for _, path := range doc.Paths.Keys() {
		switch {
		case strings.HasPrefix(path, "/contacts"):
		case strings.HasPrefix(path, "/inspect/experiments/"): // only with the command dev
			doc.Check(t, "", i.call(http.MethodPost, "/inspect/experiments/pause", nil), "")
		case strings.HasPrefix(path, "/ws/"):
			check(path, http.StatusUpgradeRequired)
		default:
			check(parameters.Replace(path), http.StatusOK)
		}
	}
	check("/assets/any/missing", http.StatusNotFound)
}

// OPTIONS answers wherever a path exists, with the described methods. HEAD answers as GET does, without a body.
func TestEveryPathAnswersOptionsAndHead(t *testing.T) {
	i := start(t, realtest.New(t))
	parameters := strings.NewReplacer("{version}", "any", "{file}", "favicon.svg", "{path}", "queues", "{id}", "000000000000000000000000")
	doc := openAPI(t)
	for _, described := range doc.Paths.Keys() {
		path := parameters.Replace(described)
		options := i.call(http.MethodOptions, path, nil)
		require.Equal(t, http.StatusNoContent, options.Status, path)
		require.Empty(t, options.Body, path)
		allow := strings.Split(options.Header.Get("Allow"), ", ")
		require.Contains(t, allow, http.MethodOptions, path)
		for method := range doc.Paths.Value(described).Operations() {
			require.Contains(t, allow, method, path)
		}
		require.Equal(t, http.StatusMethodNotAllowed, i.call("TRACE", path, nil).Status, path)
		if doc.Paths.Value(described).Get == nil {
			continue
		}
		require.Contains(t, allow, http.MethodHead, path)
		get, head := i.get(path), i.call(http.MethodHead, path, nil)
		require.Equal(t, get.Status, head.Status, path)
		require.Equal(t, get.Header.Get("Content-Type"), head.Header.Get("Content-Type"), path)
		require.Empty(t, head.Body, path)
	}
	require.Equal(t, http.StatusNotFound, i.call(http.MethodOptions, "/nothing", nil).Status)
}
