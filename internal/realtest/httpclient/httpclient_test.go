package httpclient

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCallSendsJSONAndReadsTheWholeAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Position", "1-0")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"host":%q,"type":%q,"body":%q,"items":[1,2]}`, r.Host, r.Header.Get("Content-Type"), body)
	}))
	defer server.Close()
	a := New(server.URL, 0).Call(t, http.MethodPost, "/contacts", map[string]any{"a": 1}, "Host", "example.org")
	require.Equal(t, http.StatusCreated, a.Status)
	require.Equal(t, "1-0", a.Header.Get("Position"))
	require.Equal(t, "example.org", a.JSON(t)["host"])
	require.Equal(t, "application/json", a.JSON(t)["type"])
	require.Equal(t, `{"a":1}`, a.JSON(t)["body"])
	require.Len(t, a.Items(t), 2)
	require.Empty(t, New(server.URL, 0).Call(t, http.MethodGet, "/", nil).JSON(t)["type"], "no body has no type")
}

func TestNoServerIsAnErrorAndNoAnswer(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	a, err := New(server.URL, 0).Do(t.Context(), http.MethodGet, "/", "")
	require.Error(t, err)
	require.Zero(t, a.Status)
}
