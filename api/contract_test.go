package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// mounts is where tests mount routes of their own, which openapi.json does not describe.
const mounts = "/mounted/"

// answer is one response, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

func read(t testing.TB, resp *http.Response) *answer {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return &answer{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

// json is the body as a tree.
func (a *answer) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

// pointers are those of a problem's errors.
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

var description = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// checkContract holds one exchange to openapi.json. What it describes must be what is answered, and
// what was accepted must be what it describes.
func checkContract(t testing.TB, req *http.Request, body string, a *answer) {
	t.Helper()
	router, err := description()
	require.NoError(t, err)
	require.NotEmpty(t, a.header.Get("X-Request-Id"))
	require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	if a.status >= 400 && !strings.HasPrefix(req.URL.Path, "/readyz") {
		checkProblem(t, req, a)
	}

	asked := req.Clone(req.Context())
	if asked.Method == http.MethodHead {
		require.Empty(t, a.body)
		asked.Method = http.MethodGet
	}
	route, params, err := router.FindRoute(asked)
	if err != nil {
		require.True(t, errors.Is(err, routers.ErrMethodNotAllowed) || errors.Is(err, routers.ErrPathNotFound), err)
		require.True(t, strings.HasPrefix(req.URL.Path, mounts) || a.status == 404 || a.status == 405 || a.status == 204 && req.Method == http.MethodOptions || a.status == 403,
			"%s %s is not described, yet it answers %d", req.Method, req.URL.Path, a.status)
		return
	}
	input := &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route, Options: &openapi3filter.Options{}}
	if a.status < 300 {
		asked.Body = io.NopCloser(bytes.NewReader([]byte(body)))
		media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
		input.Options.ExcludeRequestBody = body == "" || !strings.HasSuffix(media, "json") || media == "application/x-ndjson"
		require.NoError(t, openapi3filter.ValidateRequest(req.Context(), input), "accepted, but not described")
	}
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	described := route.Operation.Responses.Status(a.status)
	require.NotNil(t, described, "%s %s: status %d is not described", req.Method, req.URL.Path, a.status)
	if len(described.Value.Content) > 0 {
		require.NotNil(t, described.Value.Content[media], "%s: content type %s is not described", req.URL.Path, media)
	}
	for name, h := range described.Value.Headers {
		require.NotEmpty(t, a.header.Get(name), "the answer lacks %s", name)
		require.NoError(t, h.Value.Schema.Value.VisitJSON(headerValue(h.Value, a.header.Get(name))), name)
	}
	if req.Method == http.MethodHead {
		return
	}
	require.NoError(t, openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)),
		Options: &openapi3filter.Options{ExcludeResponseBody: !strings.HasSuffix(media, "json")},
	}))
}

func headerValue(h *openapi3.Header, s string) any {
	if h.Schema.Value.Type.Is("integer") {
		n, _ := strconv.ParseFloat(s, 64)
		return n
	}
	return s
}

// checkProblem holds every error to RFC 9457, whether its route is described or not.
func checkProblem(t testing.TB, req *http.Request, a *answer) {
	t.Helper()
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), "%s %s: %d %s", req.Method, req.URL.Path, a.status, a.body)
	if req.Method == http.MethodHead {
		return
	}
	p := a.json(t)
	require.EqualValues(t, a.status, p["status"])
	require.Equal(t, http.StatusText(a.status), p["title"])
	require.Equal(t, "about:blank", p["type"])
	require.Equal(t, a.header.Get("X-Request-Id"), p["requestId"])
	require.NotEmpty(t, p["code"])
	require.Regexp(t, `^[^a-z].*\.$`, p["detail"])
}
