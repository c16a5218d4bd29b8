package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

func described(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI())
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

var metricsHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write([]byte("up 1\n"))
})

// The paths that Fiber serves are the paths that are described, no more and no fewer.
func TestEveryRouteIsDescribed(t *testing.T) {
	var served []string
	for _, routes := range api.New(api.Config{}).App().Stack() {
		for _, r := range routes {
			if r.Path != "/" { // the guards
				served = append(served, strings.ReplaceAll(r.Path, ":id", "{id}"))
			}
		}
	}
	slices.Sort(served)
	paths := described(t).Paths.Keys()
	slices.Sort(paths)
	require.Equal(t, paths, slices.Compact(served))
}

// And so are their methods: what is not described is 405, what is, is not.
func TestEveryMethodIsDescribed(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Metrics, c.AsyncAPI = metricsHandler, []byte(`{}`) })
	for path, item := range described(t).Paths.Map() {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			a := w.do(method, strings.ReplaceAll(path, "{id}", "000000000000000000000000"), nil, "")
			require.Equal(t, item.GetOperation(method) == nil, a.status == 405, "%s %s: %d", method, path, a.status)
		}
	}
}

func TestDescriptionsAndPages(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.AsyncAPI = []byte(`{"asyncapi":"3.0.0"}`)
		c.Metrics = metricsHandler
	})
	require.JSONEq(t, string(api.OpenAPI()), w.get("/openapi.json", nil).body)
	require.JSONEq(t, `{"asyncapi":"3.0.0"}`, w.get("/asyncapi.json", nil).body)
	require.Equal(t, "up 1\n", w.get("/metrics", nil).body)
	require.JSONEq(t, `{"status":"ok"}`, w.get("/healthz", nil).body)

	page := w.get("/docs", nil)
	require.Contains(t, page.body, "rapi-doc")
	require.NotContains(t, page.body, "//", "nothing of another server")
	policy := page.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'self'")
	require.NotContains(t, policy, "script-src")
	plain := w.do("GET", "/docs/rapidoc-min.js", as{"Accept-Encoding": "identity"}, "")
	require.Empty(t, plain.header.Get("Content-Encoding"))
	packed := w.do("GET", "/docs/rapidoc-min.js", as{"Accept-Encoding": "br, gzip"}, "")
	require.Equal(t, "gzip", packed.header.Get("Content-Encoding"))
	require.Greater(t, len(plain.body), 3*len(packed.body))
}

func TestVendoredScriptIsTheOneNamed(t *testing.T) {
	script, err := os.ReadFile("docs/rapidoc-min.js.gz")
	require.NoError(t, err)
	readme, err := os.ReadFile("docs/README.md")
	require.NoError(t, err)
	sum := sha256.Sum256(script)
	require.Contains(t, string(readme), hex.EncodeToString(sum[:]))
}
