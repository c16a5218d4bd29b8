// Package contract checks HTTP exchanges against an OpenAPI document. It knows nothing of the product.
package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/httpclient"
)

// Document is an OpenAPI document.
type Document struct {
	*openapi3.T
	router routers.Router
}

// Parse reads and validates an OpenAPI document.
func Parse(content []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(content)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	return &Document{doc, router}, err
}

// Check checks one exchange. The document must describe the answer, and also the request if it was
// accepted. Errors must be problem documents, whether their route is described or not. Paths with the
// prefix undescribed, if that is not empty, may be missing in the document.
func (d *Document) Check(t testing.TB, body string, answer httpclient.Answer, undescribed string) {
	t.Helper()
	request := answer.Request.Clone(answer.Request.Context())
	require.NotEmpty(t, answer.Header.Get("X-Request-Id"))
	require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
	if answer.Status >= 400 && !strings.HasPrefix(request.URL.Path, "/readyz") {
		checkProblem(t, answer)
	}
	if request.Method == http.MethodHead {
		require.Empty(t, answer.Body)
		request.Method = http.MethodGet
	}
	route, params, err := d.router.FindRoute(request)
	if err != nil {
		require.True(t, errors.Is(err, routers.ErrMethodNotAllowed) || errors.Is(err, routers.ErrPathNotFound), err)
		require.True(t, undescribed != "" && strings.HasPrefix(request.URL.Path, undescribed) || answer.Status == 404 || answer.Status == 405 ||
			answer.Status == 204 && request.Method == http.MethodOptions || answer.Status == 403,
			"%s %s is not described, but it answers %d", request.Method, request.URL.Path, answer.Status)
		return
	}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: params, Route: route, Options: &openapi3filter.Options{}}
	if answer.Status < 300 {
		request.Body = io.NopCloser(strings.NewReader(body))
		media, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type"))
		input.Options.ExcludeRequestBody = body == "" || !isJSON(media)
		require.NoError(t, openapi3filter.ValidateRequest(request.Context(), input), "the request was accepted, but the document does not describe it")
	}
	d.checkResponse(t, input, answer)
}

func (d *Document) checkResponse(t testing.TB, input *openapi3filter.RequestValidationInput, answer httpclient.Answer) {
	t.Helper()
	request := answer.Request
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	described := input.Route.Operation.Responses.Status(answer.Status)
	require.NotNil(t, described, "%s %s: status %d is not described", request.Method, request.URL.Path, answer.Status)
	if len(described.Value.Content) > 0 {
		require.NotNil(t, described.Value.Content[media], "%s: content type %s is not described", request.URL.Path, media)
	}
	for name, header := range described.Value.Headers {
		if answer.Header.Get(name) == "" {
			require.False(t, header.Value.Required, "the answer has no header %s", name)
			continue
		}
		require.NoError(t, header.Value.Schema.Value.VisitJSON(headerValue(header.Value, answer.Header.Get(name))), name)
	}
	if request.Method == http.MethodHead {
		return
	}
	require.NoError(t, openapi3filter.ValidateResponse(request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Status, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(answer.Body)),
		Options: &openapi3filter.Options{ExcludeResponseBody: !isJSON(media)},
	}))
}

// isJSON reports whether a body is one JSON value.
func isJSON(media string) bool {
	return strings.HasSuffix(media, "json") && media != "application/x-ndjson"
}

func headerValue(h *openapi3.Header, s string) any {
	if h.Schema.Value.Type.Is("integer") {
		n, _ := strconv.ParseFloat(s, 64)
		return n
	}
	return s
}

// checkProblem checks that an error is a problem document of RFC 9457.
func checkProblem(t testing.TB, answer httpclient.Answer) {
	t.Helper()
	request := answer.Request
	require.Equal(t, "application/problem+json", answer.Header.Get("Content-Type"), "%s %s: %d %s", request.Method, request.URL.Path, answer.Status, answer.Body)
	if request.Method == http.MethodHead {
		return
	}
	var problem map[string]any
	require.NoError(t, json.Unmarshal(answer.Body, &problem), string(answer.Body))
	require.EqualValues(t, answer.Status, problem["status"])
	require.Equal(t, http.StatusText(answer.Status), problem["title"])
	require.Equal(t, "about:blank", problem["type"])
	require.Equal(t, answer.Header.Get("X-Request-Id"), problem["requestId"])
	require.NotEmpty(t, problem["code"])
	require.Regexp(t, `^[^a-z].*\.$`, problem["detail"])
}
