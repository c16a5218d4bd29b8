package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// fetch returns the answer as it is sent, and its body unpacked. Go's client would ask for gzip and unpack by itself.
func (h *harness) fetch(t *testing.T, method, path string, headers header) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.url+path, nil)
	require.NoError(t, err)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	if answer.Header.Get("Content-Encoding") == "gzip" && len(content) > 0 {
		unpacked, err := gzip.NewReader(bytes.NewReader(content))
		require.NoError(t, err)
		content, err = io.ReadAll(unpacked)
		require.NoError(t, err)
	}
	return answer, string(content)
}

func (h *harness) createLarge() *answer {
	return h.create(fmt.Sprintf(`{"kind":"person","firstName":"Large","notes":%q}`, strings.Repeat("note ", 1000)))
}

func TestJSONIsCompressed(t *testing.T) {
	h := newHarness(t)
	for range 3 {
		h.create(ada)
	}
	large := h.createLarge()
	require.True(t, json.Valid([]byte(large.body)))
	for _, target := range []string{"/contacts?limit=50", large.header.Get("Location"), "/openapi.json"} {
		plain, content := h.fetch(t, "GET", target, header{"Accept-Encoding": "identity"})
		require.Empty(t, plain.Header.Get("Content-Encoding"), target)
		require.Contains(t, plain.Header.Get("Vary"), "Accept-Encoding")
		for _, accepted := range []string{"br;q=1.0, gzip;q=0.8", "gzip, deflate, br, zstd", "*"} {
			compressed, unpacked := h.fetch(t, "GET", target, header{"Accept-Encoding": accepted})
			require.Equal(t, "gzip", compressed.Header.Get("Content-Encoding"), "%s: %s", target, accepted)
			require.Contains(t, compressed.Header.Get("Vary"), "Accept-Encoding")
			require.Less(t, compressed.ContentLength, plain.ContentLength)
			require.JSONEq(t, content, unpacked)
			head, none := h.fetch(t, "HEAD", target, header{"Accept-Encoding": accepted})
			require.Empty(t, none)
			for _, name := range []string{"Content-Encoding", "Content-Type", "ETag", "Vary"} {
				require.Equal(t, compressed.Header.Get(name), head.Header.Get(name), "%s of %s", name, target)
			}
		}
		for _, refused := range []string{"", "gzip;q=0", "br", "identity, gzip;q=0"} {
			answer, _ := h.fetch(t, "GET", target, header{"Accept-Encoding": refused})
			require.Empty(t, answer.Header.Get("Content-Encoding"), refused)
		}
	}
}

// A compressed answer has an entity tag of its own. It is good for every condition.
func TestEntityTagOfACompressedAnswer(t *testing.T) {
	h := newHarness(t)
	large := h.createLarge()
	path, gzipped := large.header.Get("Location"), header{"Accept-Encoding": "gzip"}
	plain, _ := h.fetch(t, "GET", path, header{"Accept-Encoding": "identity"})
	compressed, _ := h.fetch(t, "GET", path, gzipped)
	tag, version := compressed.Header.Get("ETag"), strings.Trim(plain.Header.Get("ETag"), `"`)
	require.Equal(t, `"`+version+`-gzip"`, tag)
	list, _ := h.fetch(t, "GET", "/contacts", gzipped)

	// An answer without a body names the tag that the client has, for the same kind of answer.
	for _, condition := range []struct{ path, encoding, tag, named string }{
		{path, "gzip", tag, tag},
		{path, "gzip", "W/" + tag, tag},
		{path, "gzip", `"other", ` + tag, tag},
		{path, "gzip", plain.Header.Get("ETag"), plain.Header.Get("ETag")},
		{path, "identity", tag, plain.Header.Get("ETag")},
		{"/contacts", "gzip", list.Header.Get("ETag"), list.Header.Get("ETag")},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			answer, body := h.fetch(t, method, condition.path, header{"Accept-Encoding": condition.encoding, "If-None-Match": condition.tag})
			require.Equal(t, 304, answer.StatusCode, condition)
			require.Equal(t, condition.named, answer.Header.Get("ETag"), condition)
			require.Contains(t, answer.Header.Get("Vary"), "Accept-Encoding")
			require.Empty(t, answer.Header.Get("Content-Encoding"))
			require.Empty(t, body)
		}
	}
	require.Equal(t, 412, h.do("PATCH", path, header{"If-Match": `"other-gzip"`}, `{"notes":"x"}`).status)
	patched := h.do("PATCH", path, header{"If-Match": tag}, fmt.Sprintf(`{"notes":%q}`, strings.Repeat("word ", 1000)))
	require.Equal(t, 200, patched.status, patched.body)
	require.Equal(t, 412, h.do("PATCH", path, header{"If-Match": tag}, `{"notes":"x"}`).status)
	changed, _ := h.fetch(t, "GET", path, header{"Accept-Encoding": "gzip", "If-None-Match": tag, "Min-Position": patched.header.Get("Position")})
	require.Equal(t, 200, changed.StatusCode)
	require.Equal(t, 200, h.do("PATCH", path, header{"If-Match": "W/" + changed.Header.Get("ETag")}, `{"notes":"short"}`).status)
}

// A small answer is not compressed, nor one that is sent while it is made.
func TestWhatIsNotCompressed(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector())
	h := newHarness(t, func(c *api.Config) { c.Metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{}) })
	h.createLarge()
	small := h.create(ada)
	for target, kind := range map[string]string{
		small.header.Get("Location"): "application/json", "/healthz": "application/json",
		"/contacts/export?format=ndjson": "application/x-ndjson", "/contacts/export?format=csv": "text/csv",
	} {
		answer, content := h.fetch(t, "GET", target, header{"Accept-Encoding": "gzip"})
		require.Equal(t, 200, answer.StatusCode, target)
		require.Contains(t, answer.Header.Get("Content-Type"), kind)
		require.Empty(t, answer.Header.Get("Content-Encoding"), target)
		require.NotEmpty(t, content)
	}
	metrics, content := h.fetch(t, "GET", "/metrics", header{"Accept-Encoding": "gzip"})
	require.Equal(t, 200, metrics.StatusCode)
	require.Equal(t, []string{"gzip"}, metrics.Header.Values("Content-Encoding")) // by the library of metrics, once
	require.Contains(t, content, "# HELP")
}
