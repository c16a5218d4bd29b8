package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// raw sends bytes on a new connection and returns all answers until the server closes it or is silent
// for a while.
func (h *harness) raw(request string) []*answer {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.addr)
	require.NoError(h.t, err)
	defer conn.Close()
	_, _ = io.WriteString(conn, request) // the server may close before it has read everything
	var all []*answer
	method, _, _ := strings.Cut(request, " ") // an answer to HEAD has no body
	r := bufio.NewReader(conn)
	for {
		require.NoError(h.t, conn.SetReadDeadline(time.Now().Add(500*time.Millisecond)))
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return all
		}
		all = append(all, readAnswer(h.t, resp))
	}
}

// Bytes that a proxy in front takes for one request must not be two here, and the other way round.
func TestRequestSmuggling(t *testing.T) {
	h := newHarness(t)
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	post := "POST /contacts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	chunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(ada), ada)
	for name, request := range map[string]string{
		"bare LF in a chunk extension":    post + "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4c\r\n{}\r\n0\r\n\r\n" + smuggled,
		"TE on HTTP/1.0":                  strings.Replace(post, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n" + chunk + smuggled,
		"CL and TE":                       post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + smuggled,
		"TE and CL":                       post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunk + smuggled,
		"two lengths":                     post + "Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}" + smuggled,
		"a list of lengths":               post + "Content-Length: 2, 9\r\n\r\n{}" + smuggled,
		"a signed length":                 post + "Content-Length: +2\r\n\r\n{}" + smuggled,
		"a negative length":               post + "Content-Length: -2\r\n\r\n{}" + smuggled,
		"an unknown coding":               post + "Transfer-Encoding: chunked, identity\r\n\r\n" + chunk + smuggled,
		"a coding with a tab":             post + "Transfer-Encoding:\x0bchunked\r\n\r\n" + chunk + smuggled,
		"a blank before the colon":        post + "Content-Length : 2\r\n\r\n{}" + smuggled,
		"a folded header":                 post + "X: a\r\n Content-Length: 2\r\n\r\n{}" + smuggled,
		"a chunk size that overflows":     post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff2\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk size with a prefix":      post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + smuggled,
		"chunk data longer than its size": post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n" + smuggled,
		"bare LF between headers":         "POST /contacts HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 2\n\n{}" + smuggled,
		"NUL in a header":                 post + "X: a\x00b\r\nContent-Length: 2\r\n\r\n{}" + smuggled,
		"no host":                         "GET /contacts HTTP/1.1\r\n\r\n" + smuggled,
	} {
		t.Run(name, func(t *testing.T) {
			answers := h.raw(request)
			for _, a := range answers {
				require.NotEqual(t, 404, a.status, "the smuggled request was answered: %s", a.body)
				require.Less(t, a.status, 500)
				require.NotEqual(t, 201, a.status)
			}
			if len(answers) > 0 {
				require.GreaterOrEqual(t, answers[0].status, 400)
			}
		})
	}
	require.Empty(t, h.stored(t))
}

// Requests on one connection are answered one after the other.
func TestPipelining(t *testing.T) {
	h := newHarness(t)
	one := "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	require.Len(t, h.raw(one+one+one), 3)
}

func TestHeadersTooLarge(t *testing.T) {
	h := newHarness(t)
	a := h.raw("GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 33<<10) + "\r\n\r\n")
	require.Len(t, a, 1)
	require.Equal(t, 431, a[0].status)
	require.Equal(t, "headers-too-large", a[0].json(t)["code"])
	require.Equal(t, "nosniff", a[0].header.Get("X-Content-Type-Options"))
	require.NotContains(t, a[0].body, "xxx", "the answer does not quote the request")
}

func TestNotHTTP(t *testing.T) {
	h := newHarness(t)
	for _, request := range []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", "GET\r\n\r\n", "* *\r\n\r\n", "GET /<script> HTTP/1.1\r\nHost x\r\n\r\n"} {
		for _, a := range h.raw(request) {
			require.GreaterOrEqual(t, a.status, 400, "%q", request)
			require.Less(t, a.status, 500, "%q", request)
			require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
			require.NotContains(t, a.body, "script")
		}
	}
}

// A compressed body is refused before it is decompressed. This one would be 64 MiB.
func TestCompressedBodyCostsNoMemory(t *testing.T) {
	h := newHarness(t)
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	require.NoError(t, err)
	_, err = io.CopyN(z, zeros{}, 64<<20)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, coding := range []string{"gzip", "br", "deflate", "zstd", "GZIP", "gzip, gzip", "identity"} {
		require.Equal(t, 415, h.do("POST", "/contacts", header{"Content-Encoding": coding}, bomb.String()).status, coding)
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A body slightly over the limit is read, so that the sender gets the 413. A body with a much larger
// Content-Length is refused before it is sent.
func TestBodyLimit(t *testing.T) {
	h := newHarness(t)
	a := h.raw("POST /contacts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
	require.Len(t, a, 1)
	require.Equal(t, 413, a[0].status)
	require.Equal(t, "too-large", a[0].json(t)["code"])
	require.Equal(t, 422, h.do("POST", "/contacts", nil, `{"notes":"`+strings.Repeat("x", 1<<20-20)+`"}`).status, "just below the limit")
	for _, size := range []int{1<<20 + 1, 2 << 20, 4<<20 + 1} {
		require.Equal(t, 413, h.do("POST", "/contacts", nil, strings.Repeat("x", size)).status, size)
	}
}

// The body of a GET has no meaning, but must not be read as the next request.
func TestBodyOfGetIsNotARequest(t *testing.T) {
	h := newHarness(t)
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE"} {
		request := fmt.Sprintf("%s /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", method, len(smuggled), smuggled)
		for _, a := range h.raw(request) {
			require.NotEqual(t, 404, a.status, method)
		}
		chunked := fmt.Sprintf("%s /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", method, len(smuggled), smuggled)
		for _, a := range h.raw(chunked) {
			require.NotEqual(t, 404, a.status, method)
		}
	}
}
