package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

var metricsHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write([]byte("up 1\n"))
})

// app tests that the paths of a whole instance are exactly the paths of openapi.json.
func TestEveryRouteIsDescribed(t *testing.T) {
	described := openAPI(t).Paths.Keys()
	for path := range servedPaths() {
		require.Contains(t, described, path)
	}
}

// servedPaths are the paths of this package, as openapi.json writes them.
func servedPaths() map[string]bool {
	served := map[string]bool{}
	for _, routes := range api.New(api.Config{}).App().Stack() {
		for _, r := range routes {
			if r.Path != "/" { // middleware
				served[strings.ReplaceAll(r.Path, ":id", "{id}")] = true
			}
		}
	}
	return served
}

// A method that is not described is answered 405, a described one is not.
func TestEveryMethodIsDescribed(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Metrics, c.AsyncAPI = metricsHandler, []byte(`{}`) })
	for path := range servedPaths() {
		item := openAPI(t).Paths.Value(path)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			a := h.do(method, strings.ReplaceAll(path, "{id}", "000000000000000000000000"), nil, "")
			require.Equal(t, item.GetOperation(method) == nil, a.status == 405, "%s %s: %d", method, path, a.status)
		}
	}
}

// Every object lists its members, or is a map with a schema for its values. Only the documents of other
// specifications are open.
func TestSchemasAreClosed(t *testing.T) {
	var visit func(at string, v any)
	visit = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for i, v := range v {
				visit(at+"/"+strconv.Itoa(i), v)
			}
		case map[string]any:
			if v["type"] == "object" && v["allOf"] == nil && at != "/components/schemas/Document" {
				rest, closed := v["additionalProperties"]
				schema, isMap := rest.(map[string]any)
				require.True(t, closed && (rest == false || isMap && len(schema) > 0), "%s is an open object", at)
			}
			for name, v := range v {
				visit(at+"/"+name, v)
			}
		}
	}
	var doc any
	require.NoError(t, json.Unmarshal(api.OpenAPI(), &doc))
	visit("", doc)
}

func TestDescriptionsAndPages(t *testing.T) {
	h := newHarness(t, func(c *api.Config) {
		c.AsyncAPI = []byte(`{"asyncapi":"3.0.0"}`)
		c.Metrics = metricsHandler
	})
	require.JSONEq(t, string(api.OpenAPI()), h.get("/openapi.json", nil).body)
	require.JSONEq(t, `{"asyncapi":"3.0.0"}`, h.get("/asyncapi.json", nil).body)
	require.Equal(t, "up 1\n", h.get("/metrics", nil).body)
	require.JSONEq(t, `{"status":"ok"}`, h.get("/healthz", nil).body)
}

// A linter that is strict finds nothing: every component is used, `nullable` has a type, and every operation describes
// an error of the client.
func TestDocumentIsTidy(t *testing.T) {
	text := string(api.OpenAPI())
	var doc struct {
		Paths      map[string]map[string]struct{ Responses map[string]any }
		Components map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(api.OpenAPI(), &doc))
	for kind, components := range doc.Components {
		for name := range components {
			require.Contains(t, text, `"#/components/`+kind+"/"+name+`"`, "nothing uses it")
		}
	}
	for path, methods := range doc.Paths {
		for method, operation := range methods {
			refused := slices.ContainsFunc(slices.Collect(maps.Keys(operation.Responses)), func(s string) bool { return s[0] == '4' })
			require.True(t, refused, "%s %s", method, path)
		}
	}
	var visit func(at string, v any)
	visit = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for _, v := range v {
				visit(at, v)
			}
		case map[string]any:
			require.True(t, v["nullable"] == nil || v["type"] != nil, "%s is nullable without a type", at)
			for name, v := range v {
				visit(at+"/"+name, v)
			}
		}
	}
	var tree any
	require.NoError(t, json.Unmarshal(api.OpenAPI(), &tree))
	visit("", tree)
}
