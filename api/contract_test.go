package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
	"grapevine/internal/realtest/contract"
)

// mounts is the prefix of routes that only tests mount. openapi.json does not describe them.
const mounts = "/mounted/"

var parseOpenAPI = sync.OnceValues(func() (*contract.Document, error) { return contract.Parse(api.OpenAPI()) })

func openAPI(t testing.TB) *contract.Document {
	t.Helper()
	doc, err := parseOpenAPI()
	require.NoError(t, err)
	return doc
}

// answer is one whole response.
type answer struct {
	status int
	header http.Header
	body   string
}

func readAnswer(t testing.TB, resp *http.Response) *answer {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return &answer{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

// json is the body as a JSON object.
func (a *answer) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

// pointers are the pointers of a problem's errors.
func (a *answer) pointers(t testing.TB) []string {
	t.Helper()
	var p struct {
		Errors []struct{ Pointer, Detail string }
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &p), a.body)
	got := []string{}
	for _, e := range p.Errors {
		require.NotEmpty(t, e.Detail)
		got = append(got, e.Pointer)
	}
	return got
}
