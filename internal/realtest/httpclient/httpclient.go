// Package httpclient is the HTTP client of all tests. It knows nothing of the product.
package httpclient

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// transport keeps enough idle connections for the concurrent requests of a load test.
var transport = &http.Transport{MaxIdleConnsPerHost: 64}

// Client sends requests to one server.
type Client struct {
	url  string
	http *http.Client
}

// New returns a client of the server at url, such as "http://127.0.0.1:8080". timeout bounds each
// request; 0 means 30 s.
func New(url string, timeout time.Duration) *Client {
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	return &Client{url: url, http: &http.Client{Timeout: timeout, Transport: transport}}
}

// Answer is a whole response. The zero value stands for a request without a response.
type Answer struct {
	Request *http.Request
	Status  int
	Header  http.Header
	Body    []byte
}

// Do sends a request and reads the whole response. header is name, value, name, value…; the name Host
// sets the request's host.
func (c *Client) Do(ctx context.Context, method, path, body string, header ...string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	for n := 0; n+1 < len(header); n += 2 {
		if header[n] == "Host" {
			request.Host = header[n+1]
			continue
		}
		request.Header.Set(header[n], header[n+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Request: request, Status: response.StatusCode, Header: response.Header, Body: content}, nil
}

// Call sends a request with body as JSON, or without a body if that is nil, and fails the test if no
// response comes.
func (c *Client) Call(t testing.TB, method, path string, body any, header ...string) Answer {
	t.Helper()
	text := ""
	if body != nil {
		content, err := json.Marshal(body)
		require.NoError(t, err)
		text = string(content)
		header = append([]string{"Content-Type", "application/json"}, header...)
	}
	answer, err := c.Do(context.WithoutCancel(t.Context()), method, path, text, header...)
	require.NoError(t, err)
	return answer
}

// JSON is the body as a JSON object.
func (a Answer) JSON(t testing.TB) (object map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.Body, &object), string(a.Body))
	return object
}

// Items are the items of a list.
func (a Answer) Items(t testing.TB) []any {
	t.Helper()
	items, ok := a.JSON(t)["items"].([]any)
	require.True(t, ok, string(a.Body))
	return items
}
