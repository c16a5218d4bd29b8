package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// fetch returns the answer as it is sent, and its body unpacked. Go's client would ask for gzip and unpack by itself.
func (h *harness) fetch(t *testing.T, method, path string, headers header) *answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.url+path, nil)
	require.NoError(t, err)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	sent, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	require.NoError(t, err)
	defer func() { _ = sent.Body.Close() }()
	content, err := io.ReadAll(sent.Body)
	require.NoError(t, err)
	if sent.Header.Get("Content-Encoding") == "gzip" && len(content) > 0 {
		unpacked, err := gzip.NewReader(bytes.NewReader(content))
		require.NoError(t, err)
		content, err = io.ReadAll(unpacked)
		require.NoError(t, err)
	}
	return &answer{sent.StatusCode, sent.Header, string(content)}
}

func (h *harness) createLarge() *answer {
	return h.create(fmt.Sprintf(`{"kind":"person","firstName":"Large","notes":%q}`, strings.Repeat("note ", 1000)))
}

func (a *answer) contentLength(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(a.header.Get("Content-Length"))
	require.NoError(t, err)
	return n
}

func TestJSONIsCompressed(t *testing.T) {
	h := newHarness(t)
	for range 3 {
		h.create(ada)
	}
	large := h.createLarge()
	require.True(t, json.Valid([]byte(large.body)))
	for _, target := range []string{"/contacts?limit=50", large.header.Get("Location"), "/openapi.json"} {
		plain := h.fetch(t, "GET", target, header{"Accept-Encoding": "identity"})
		require.Empty(t, plain.header.Get("Content-Encoding"), target)
		require.Contains(t, plain.header.Get("Vary"), "Accept-Encoding")
		for _, accepted := range []string{"br;q=1.0, gzip;q=0.8", "gzip, deflate, br, zstd", "*"} {
			compressed := h.fetch(t, "GET", target, header{"Accept-Encoding": accepted})
			require.Equal(t, "gzip", compressed.header.Get("Content-Encoding"), "%s: %s", target, accepted)
			require.Contains(t, compressed.header.Get("Vary"), "Accept-Encoding")
			require.Less(t, compressed.contentLength(t), plain.contentLength(t))
			require.JSONEq(t, plain.body, compressed.body)
			head := h.fetch(t, "HEAD", target, header{"Accept-Encoding": accepted})
			require.Empty(t, head.body)
			for _, name := range []string{"Content-Encoding", "Content-Type", "ETag", "Vary"} {
				require.Equal(t, compressed.header.Get(name), head.header.Get(name), "%s of %s", name, target)
			}
		}
		for _, refused := range []string{"", "gzip;q=0", "br", "identity, gzip;q=0"} {
			answer := h.fetch(t, "GET", target, header{"Accept-Encoding": refused})
			require.Empty(t, answer.header.Get("Content-Encoding"), refused)
		}
	}
}

// A compressed answer has an entity tag of its own. It is good for every condition.
func TestEntityTagOfACompressedAnswer(t *testing.T) {
	h := newHarness(t)
	large := h.createLarge()
	path, gzipped := large.header.Get("Location"), header{"Accept-Encoding": "gzip"}
	plain := h.fetch(t, "GET", path, header{"Accept-Encoding": "identity"})
	compressed := h.fetch(t, "GET", path, gzipped)
	tag, version := compressed.header.Get("ETag"), strings.Trim(plain.header.Get("ETag"), `"`)
	require.Equal(t, `"`+version+`-gzip"`, tag)
	list := h.fetch(t, "GET", "/contacts", gzipped)

	// An answer without a body names the tag that the client has, for the same kind of answer.
	for _, condition := range []struct{ path, encoding, tag, named string }{
		{path, "gzip", tag, tag},
		{path, "gzip", "W/" + tag, tag},
		{path, "gzip", `"other", ` + tag, tag},
		{path, "gzip", plain.header.Get("ETag"), plain.header.Get("ETag")},
		{path, "identity", tag, plain.header.Get("ETag")},
		{"/contacts", "gzip", list.header.Get("ETag"), list.header.Get("ETag")},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			answer := h.fetch(t, method, condition.path, header{"Accept-Encoding": condition.encoding, "If-None-Match": condition.tag})
			require.Equal(t, 304, answer.status, condition)
			require.Equal(t, condition.named, answer.header.Get("ETag"), condition)
			require.Contains(t, answer.header.Get("Vary"), "Accept-Encoding")
			require.Empty(t, answer.header.Get("Content-Encoding"))
			require.Empty(t, answer.body)
		}
	}
	require.Equal(t, 412, h.do("PATCH", path, header{"If-Match": `"other-gzip"`}, `{"notes":"x"}`).status)
	patched := h.do("PATCH", path, header{"If-Match": tag}, fmt.Sprintf(`{"notes":%q}`, strings.Repeat("word ", 1000)))
	require.Equal(t, 200, patched.status, patched.body)
	require.Equal(t, 412, h.do("PATCH", path, header{"If-Match": tag}, `{"notes":"x"}`).status)
	changed := h.fetch(t, "GET", path, header{"Accept-Encoding": "gzip", "If-None-Match": tag, "Min-Position": patched.header.Get("Position")})
	require.Equal(t, 200, changed.status)
	require.Equal(t, 200, h.do("PATCH", path, header{"If-Match": "W/" + changed.header.Get("ETag")}, `{"notes":"short"}`).status)
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
		answer := h.fetch(t, "GET", target, header{"Accept-Encoding": "gzip"})
		require.Equal(t, 200, answer.status, target)
		require.Contains(t, answer.header.Get("Content-Type"), kind)
		require.Empty(t, answer.header.Get("Content-Encoding"), target)
		require.NotEmpty(t, answer.body)
	}
	metrics := h.fetch(t, "GET", "/metrics", header{"Accept-Encoding": "gzip"})
	require.Equal(t, 200, metrics.status)
	require.Equal(t, []string{"gzip"}, metrics.header.Values("Content-Encoding")) // by the library of metrics, once
	require.Contains(t, metrics.body, "# HELP")
}
