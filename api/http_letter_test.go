package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

// first sends bytes on a new connection and returns the first answer. closed is whether the server closes after it.
func (h *harness) first(request string) (a *answer, closed bool) {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.addr)
	require.NoError(h.t, err)
	defer conn.Close()
	_, _ = io.WriteString(conn, request) // the server may close before it has read everything
	method, _, _ := strings.Cut(request, " ")
	require.NoError(h.t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(h.t, err, "%.200q", request)
	return readAnswer(h.t, resp), resp.Close
}

const (
	line   = "GET /contacts HTTP/1.1\r\n"
	host   = "Host: app.example\r\n"
	post   = "POST /contacts HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n"
	ending = "\r\n"
)

// Bytes on a real listener, and the status of their answer.
func TestHTTPToTheLetter(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.AllowedHosts = []string{"app.example", "127.0.0.1", "::1"} })
	with := func(headers string) string { return line + host + headers + ending }
	target := func(s string) string { return "GET " + s + " HTTP/1.1\r\n" + host + ending }
	sized := func(headers, body string) string {
		return fmt.Sprintf("%s%sContent-Length: %d\r\n\r\n%s", post, headers, len(body), body)
	}
	long := strings.Repeat("x", 1<<20+1)
	for name, test := range map[string]struct {
		request string
		status  int
	}{
		"a plain request":             {with(""), 200},
		"a lower-case header":         {line + "host: app.example\r\n\r\n", 200},
		"blank lines before":          {"\r\n\r\n" + with(""), 200},
		"HTTP/1.0":                    {"GET /contacts HTTP/1.0\r\n" + host + ending, 200},
		"HTTP/1.0 without a host":     {"GET /contacts HTTP/1.0\r\n\r\n", 403},
		"HTTP/2.0":                    {"GET /contacts HTTP/2.0\r\n" + host + ending, 505},
		"HTTP/0.9":                    {"GET /contacts HTTP/0.9\r\n" + host + ending, 505},
		"HTTP/9.9":                    {"GET /contacts HTTP/9.9\r\n" + host + ending, 505},
		"HTTP/2.0 and a change":       {"DELETE /contacts HTTP/2.0\r\n" + host + ending, 505},
		"http/1.1":                    {"GET /contacts http/1.1\r\n" + host + ending, 400},
		"HTTP/1.":                     {"GET /contacts HTTP/1.\r\n" + host + ending, 400},
		"no version":                  {"GET /contacts\r\n" + host + ending, 400},
		"two blanks":                  {"GET  /contacts HTTP/1.1\r\n" + host + ending, 400},
		"a blank in the target":       {"GET /contacts x HTTP/1.1\r\n" + host + ending, 400},
		"no host":                     {line + ending, 400},
		"an empty host":               {line + "Host:\r\n\r\n", 400},
		"two hosts":                   {with(host), 400},
		"two hosts, one foreign":      {with("Host: evil.example\r\n"), 400},
		"a foreign host":              {line + "Host: evil.example\r\n\r\n", 403},
		"a host with a user":          {line + "Host: app.example:8301@evil\r\n\r\n", 400},
		"a user at the host":          {line + "Host: evil@app.example\r\n\r\n", 400},
		"port 99999":                  {line + "Host: app.example:99999\r\n\r\n", 400},
		"a port that is not a number": {line + "Host: app.example:80x\r\n\r\n", 400},
		"an address without brackets": {line + "Host: ::1\r\n\r\n", 400},
		"an address in brackets":      {line + "Host: [::1]:80\r\n\r\n", 200},
		"an absolute target":          {target("http://app.example/contacts"), 200},
		"an absolute target in https": {target("https://APP.example/contacts"), 200},
		"a foreign absolute target":   {target("http://evil.example/contacts"), 400},
		"an absolute target, no path": {target("http://app.example"), 404},
		"an absolute target, user":    {target("http://app.example@evil.example/contacts"), 400},
		"an absolute target, ftp":     {target("ftp://app.example/contacts"), 400},
		"a target without a slash":    {target("contacts"), 400},
		"an authority as target":      {"CONNECT app.example:443 HTTP/1.1\r\n" + host + ending, 400},
		"a fragment":                  {target("/contacts#x"), 400},
		"a fragment in the query":     {target("/contacts?limit=1#x"), 400},
		"an escaped letter":           {target("/%63ontacts"), 200},
		"an escaped slash":            {target("/contacts%2Fexport"), 404},
		"a twice escaped letter":      {target("/%2563ontacts"), 404},
		"two slashes":                 {target("//contacts"), 404},
		"a dot":                       {target("/./contacts"), 404},
		"two dots":                    {target("/x/../contacts"), 404},
		"escaped dots":                {target("/x/%2e%2E/contacts"), 404},
		"a backslash":                 {target("/x/..\\contacts"), 404},
		"half an escape":              {target("/contacts%6"), 400},
		"NUL in the target":           {target("/contacts\x00"), 400},
		"an escaped NUL":              {target("/contacts/%00"), 400},
		"DEL in the target":           {target("/contacts\x7f"), 400},
		"two origins":                 {with("Origin: http://app.example\r\nOrigin: http://app.example\r\n"), 400},
		"two fetch sites":             {with("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n"), 400},
		"two origins of a change":     {sized("Origin: http://app.example\r\nOrigin: http://evil.example\r\n", ada), 400},
		"two origins in one header":   {sized("Origin: http://app.example, http://evil.example\r\n", ada), 403},
		"two fetch sites in one":      {sized("Sec-Fetch-Site: same-origin, cross-site\r\n", ada), 403},
		"two content types":           {sized("Content-Type: text/plain\r\n", ada), 400},
		"two lengths":                 {post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400},
		"a signed length":             {post + "Content-Length: +5\r\n\r\n{}   ", 400},
		"a hexadecimal length":        {post + "Content-Length: 0x2\r\n\r\n{}", 400},
		"an empty length":             {post + "Content-Length:\r\n\r\n{}", 400},
		"a length over 64 bits":       {post + "Content-Length: 99999999999999999999\r\n\r\n{}", 400},
		"identity as coding":          {post + "Transfer-Encoding: identity\r\n\r\n", 400},
		"gzip as coding":              {post + "Transfer-Encoding: gzip\r\n\r\n", 400},
		"chunked twice":               {post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400},
		"two codings":                 {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"chunked":                     {post + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(ada), ada), 201},
		"chunked in upper case":       {post + "Transfer-Encoding: CHUNKED\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(ada), ada), 201},
		"a trailer":                   {post + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\nX: y\r\n\r\n", len(ada), ada), 201},
		"a length as trailer":         {post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n", 400},
		"garbage as trailer":          {post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\ngarbage\r\n\r\n", 400},
		"garbage after the headers":   {with("garbage\r\n"), 400},
		"a folded header":             {with("X: a\r\n b\r\n"), 400},
		"a header folded with a tab":  {with("X: a\r\n\tb\r\n"), 400},
		"a header that begins folded": {line + " " + host + ending, 400},
		"a blank before the colon":    {with("X : a\r\n"), 400},
		"a blank in a name":           {with("X y: a\r\n"), 400},
		"a header without a name":     {with(": a\r\n"), 400},
		"NUL in a header":             {with("X: a\x00b\r\n"), 400},
		"a bare CR in a header":       {with("X: a\rb\r\n"), 400},
		"a bare LF in a header":       {with("X: a\nY: b\r\n"), 400},
		"a lower-case method":         {"get /contacts HTTP/1.1\r\n" + host + ending, 405},
		"an unknown method":           {"BREW /contacts HTTP/1.1\r\n" + host + ending, 405},
		"a very long method":          {strings.Repeat("M", 5000) + " /contacts HTTP/1.1\r\n" + host + ending, 405},
		"a method that is no token":   {"GE,T /contacts HTTP/1.1\r\n" + host + ending, 400},
		"OPTIONS of a path":           {"OPTIONS /contacts HTTP/1.1\r\n" + host + ending, 204},
		"OPTIONS of no path":          {"OPTIONS /nothing HTTP/1.1\r\n" + host + ending, 404},
		"OPTIONS of the server":       {"OPTIONS * HTTP/1.1\r\n" + host + ending, 204},
		"GET of the server":           {"GET * HTTP/1.1\r\n" + host + ending, 400},
		"HEAD":                        {"HEAD /contacts HTTP/1.1\r\n" + host + ending, 200},
		"two Workspaces":              {with("Workspace: a\r\nWorkspace: b\r\n"), 400},
		"an HTTP/2 preface":           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
		"32 KiB of headers":           {with("Cookie: a=" + strings.Repeat("c", 32<<10-60) + "\r\n"), 200},
		"9,000 bytes of cookies":      {with("Cookie: a=" + strings.Repeat("c", 9000) + "\r\n"), 200},
		"more than 32 KiB of headers": {with("Cookie: a=" + strings.Repeat("c", 32<<10) + "\r\n"), 431},
		"far more than 32 KiB":        {with("Cookie: a=" + strings.Repeat("c", 60<<10) + "\r\n"), 431},
		"a long target":               {target("/contacts?company=" + strings.Repeat("x", 7000)), 400},
		"expected: a body too large":  {post + "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", 413},
		"expected: 1 GB":              {post + "Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n", 413},
		"expected: a foreign origin":  {post + "Origin: http://evil.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", 403},
		"expected: a compressed body": {post + "Content-Encoding: gzip\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", 415},
		"expected, in upper case":     {post + "Expect: 100-Continue\r\nContent-Length: 1048577\r\n\r\n", 413},
		"a body too large":            {sized("", long), 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, closed := h.first(test.request)
			require.Equal(t, test.status, a.status, a.body)
			require.NotEmpty(t, a.header.Get("X-Request-Id"))
			if a.status >= 400 {
				require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
				require.NotContains(t, a.body, "evil", "the answer does not quote the request")
			}
			if test.status == 505 || strings.HasPrefix(name, "expected") {
				require.True(t, closed, "what follows may not be a request")
			}
		})
	}
}

// A client that waits for "100 Continue" gets it for an acceptable request, and is then answered.
func TestExpectContinue(t *testing.T) {
	h := newHarness(t)
	conn, err := net.Dial("tcp", h.addr)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = fmt.Fprintf(conn, "%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", post, len(ada))
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	status, err := r.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", status)
	_, err = io.WriteString(conn, ada)
	require.NoError(t, err)
	_, err = r.ReadString('\n')
	require.NoError(t, err)
	resp, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	require.Equal(t, 201, readAnswer(t, resp).status)
}

func TestHeaderLimitIsASetting(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.MaxHeaderBytes = 64 << 10 })
	a, _ := h.first(line + host + "Cookie: " + strings.Repeat("c", 60<<10) + "\r\n\r\n")
	require.Equal(t, 200, a.status)
	a, _ = h.first(line + host + "Cookie: " + strings.Repeat("c", 64<<10) + "\r\n\r\n")
	require.Equal(t, 431, a.status)
	require.Contains(t, a.json(t)["detail"], "MAX_HEADER_BYTES")
}

// The answer 415 says what the client can send.
func TestUnsupportedMediaNamesTheAlternatives(t *testing.T) {
	h := newHarness(t)
	path := h.create(ada).header.Get("Location")
	a := h.do("POST", "/contacts", header{"Content-Encoding": "gzip"}, ada)
	require.Equal(t, "identity", a.header.Get("Accept-Encoding"))
	text := header{"Content-Type": "text/plain"}
	require.Equal(t, "application/merge-patch+json, application/json", h.do("PATCH", path, text, ada).header.Get("Accept-Patch"))
	require.Equal(t, "application/json", h.do("POST", "/contacts", text, ada).header.Get("Accept-Post"))
	require.Equal(t, "text/csv, text/tab-separated-values, text/vcard, text/x-vcard, text/directory, application/x-ndjson, text/plain, application/octet-stream", h.do("POST", "/contacts/import", header{"Content-Type": "application/json"}, ada).header.Get("Accept-Post"))
	require.Equal(t, "application/json", h.do("PUT", path, text, ada).header.Get("Accept"))
	require.Equal(t, "application/merge-patch+json, application/json", h.do("OPTIONS", path, nil, "").header.Get("Accept-Patch"))
}

// The charset of a body may be written in every way that programs write UTF-8. Another one is for files only.
func TestCharset(t *testing.T) {
	h := newHarness(t)
	path := h.create(ada).header.Get("Location")
	send := map[string]func(parameters string) *answer{
		"json": func(p string) *answer {
			return h.do("POST", "/contacts", header{"Content-Type": "application/json" + p}, ada)
		},
		"merge": func(p string) *answer {
			return h.do("PATCH", path, header{"Content-Type": "application/merge-patch+json" + p}, `{"notes":"x"}`)
		},
		"csv": func(p string) *answer {
			return h.do("POST", "/contacts/import", header{"Content-Type": "text/csv" + p}, "firstName\nAda\n")
		},
		"ndjson": func(p string) *answer {
			return h.do("POST", "/contacts/import", header{"Content-Type": "application/x-ndjson" + p}, `{"firstName":"Ada"}`)
		},
		"vcard": func(p string) *answer {
			return h.do("POST", "/contacts/import", header{"Content-Type": "text/vcard" + p}, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nN:;Ada;;;\r\nEND:VCARD\r\n")
		},
	}
	for kind, post := range send {
		for _, parameters := range []string{
			"", ";", "; charset=utf8", ";charset=UTF8", `; charset="UTF-8"`, "; CHARSET=Utf-8", ` ;  charset = utf-8 `, `; charset=" utf-8 "`, "; charset='utf-8'", "; version=1; charset=utf-8; header=present",
		} {
			a := post(parameters)
			require.Less(t, a.status, 300, "%s%s: %s", kind, parameters, a.body)
		}
	}
	for _, kind := range []string{"json", "merge"} {
		for _, charset := range []string{"iso-8859-1", "utf-16", "windows-1252", "utf-7"} {
			a := send[kind]("; charset=" + charset)
			require.Equal(t, 415, a.status, "%s %s", kind, charset)
			require.Contains(t, a.json(t)["detail"], charset)
		}
	}
}
