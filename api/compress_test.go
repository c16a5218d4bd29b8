package api_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJSONIsCompressed(t *testing.T) {
	h := newHarness(t)
	for range 3 {
		h.create(ada)
	}
	large := h.create(fmt.Sprintf(`{"kind":"person","firstName":"Large","notes":%q}`, strings.Repeat("note ", 1000)))
	path := large.header.Get("Location")

	// Go's client would unpack the answer by itself, so the header is set here.
	fetch := func(path string, accept string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+path, nil)
		require.NoError(t, err)
		request.Header.Set("Accept-Encoding", accept)
		answer, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
		require.NoError(t, err)
		defer func() { _ = answer.Body.Close() }()
		var body io.Reader = answer.Body
		if answer.Header.Get("Content-Encoding") == "gzip" {
			body, err = gzip.NewReader(body)
			require.NoError(t, err)
		}
		content, err := io.ReadAll(body)
		require.NoError(t, err)
		return answer, string(content)
	}

	for _, target := range []string{"/contacts?limit=50", path, "/openapi.json"} {
		plain, content := fetch(target, "identity")
		require.Empty(t, plain.Header.Get("Content-Encoding"), target)
		compressed, unpacked := fetch(target, "br;q=1.0, gzip;q=0.8")
		require.Equal(t, "gzip", compressed.Header.Get("Content-Encoding"), target)
		require.Contains(t, compressed.Header.Get("Vary"), "Accept-Encoding")
		require.JSONEq(t, content, unpacked)
	}
	require.True(t, json.Valid([]byte(large.body)))

	// The compressed answer has an entity tag of its own, which is good for a conditional write.
	compressed, _ := fetch(path, "gzip")
	tag := compressed.Header.Get("ETag")
	require.Regexp(t, `^"[^"]+-gzip"$`, tag)
	require.Equal(t, 304, h.get(path, header{"If-None-Match": tag}).status)
	require.Equal(t, 200, h.do("PATCH", path, header{"If-Match": tag}, `{"notes":"short"}`).status)
	small, _ := fetch(path, "gzip")
	require.Empty(t, small.Header.Get("Content-Encoding"))
}
