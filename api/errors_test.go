package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/api"
)

const missingContact = "/contacts/000000000000000000000000"

func TestRefusals(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.AllowedHosts = []string{"127.0.0.1"} })
	path := h.create(ada).header.Get("Location")
	for name, test := range map[string]struct {
		method, path string
		headers      header
		body         string
		status       int
		code         string
	}{
		"malformed JSON":               {"POST", "/contacts", nil, `{"firstName":`, 400, "bad-request"},
		"a name twice":                 {"POST", "/contacts", nil, `{"firstName":"A","firstName":"B"}`, 400, "bad-request"},
		"trailing data":                {"PUT", path, nil, `{"firstName":"A"} x`, 400, "bad-request"},
		"invalid UTF-8":                {"PATCH", path, nil, "{\"notes\":\"\xff\"}", 400, "bad-request"},
		"no body":                      {"POST", "/contacts", header{"Content-Type": "application/json"}, "", 400, "bad-request"},
		"unknown parameter":            {"GET", "/contacts?filter[$ne]=1", nil, "", 400, "bad-request"},
		"unknown parameter of one":     {"GET", path + "?x=1", nil, "", 400, "bad-request"},
		"unknown parameter of stats":   {"GET", "/contacts/stats/tags?limit=1", nil, "", 400, "bad-request"},
		"parameter of a create":        {"POST", "/contacts?workspace=other", nil, ada, 400, "bad-request"},
		"parameter of an update":       {"PATCH", path + "?if-match=1", nil, "{}", 400, "bad-request"},
		"parameter of a delete":        {"DELETE", path + "?x=1", nil, "", 400, "bad-request"},
		"parameter of an import":       {"POST", "/contacts/import?dry=1", header{"Content-Type": "text/csv"}, "firstName\nA\n", 400, "bad-request"},
		"empty cursor":                 {"GET", "/contacts?after=", nil, "", 400, "bad-request"},
		"empty filter":                 {"GET", "/contacts?company=", nil, "", 400, "bad-request"},
		"limit":                        {"GET", "/contacts?limit=201", nil, "", 400, "bad-request"},
		"cursor":                       {"GET", "/contacts?after=garbled", nil, "", 400, "bad-request"},
		"empty q":                      {"GET", "/contacts/search?q=", nil, "", 400, "bad-request"},
		"no q":                         {"GET", "/contacts/search", nil, "", 400, "bad-request"},
		"NUL in q":                     {"GET", "/contacts/search?q=a%00", nil, "", 400, "bad-request"},
		"workspace":                    {"GET", "/contacts", header{"Workspace": "No Good"}, "", 400, "bad-request"},
		"empty workspace":              {"POST", "/contacts", header{"Workspace": ""}, ada, 400, "bad-request"},
		"long workspace":               {"GET", path, header{"Workspace": strings.Repeat("a", 64)}, "", 400, "bad-request"},
		"id":                           {"GET", "/contacts/xyz", nil, "", 400, "bad-request"},
		"id in capitals":               {"GET", "/contacts/" + strings.Repeat("A", 24), nil, "", 400, "bad-request"},
		"escaped id":                   {"DELETE", "/contacts/%30" + missingContact[11:], nil, "", 404, "not-found"},
		"operator as id":               {"GET", "/contacts/%7B%22$ne%22:1%7D", nil, "", 400, "bad-request"},
		"Min-Position":                 {"GET", path, header{"Min-Position": "1-x"}, "", 400, "bad-request"},
		"Min-Position too large":       {"GET", path, header{"Min-Position": "18446744073709551616-0"}, "", 400, "bad-request"},
		"Min-Position empty":           {"GET", "/contacts", header{"Min-Position": ""}, "", 400, "bad-request"},
		"Idempotency-Key empty":        {"POST", "/contacts", header{"Idempotency-Key": ""}, ada, 400, "bad-request"},
		"Idempotency-Key too long":     {"POST", "/contacts", header{"Idempotency-Key": strings.Repeat("k", 256)}, ada, 400, "bad-request"},
		"Idempotency-Key not ASCII":    {"POST", "/contacts", header{"Idempotency-Key": "ké"}, ada, 400, "bad-request"},
		"foreign host":                 {"GET", path, header{"Host": "evil.example"}, "", 403, "forbidden"},
		"foreign origin":               {"POST", "/contacts", header{"Origin": "https://evil.example"}, ada, 403, "forbidden"},
		"cross-site":                   {"DELETE", path, header{"Sec-Fetch-Site": "cross-site"}, "", 403, "forbidden"},
		"no such contact":              {"GET", missingContact, nil, "", 404, "not-found"},
		"no such route":                {"GET", "/nowhere", nil, "", 404, "not-found"},
		"trailing slash":               {"GET", "/contacts/", nil, "", 404, "not-found"},
		"other case":                   {"GET", "/Contacts", nil, "", 404, "not-found"},
		"no asyncapi here":             {"GET", "/asyncapi.json", nil, "", 404, "not-found"},
		"no metrics here":              {"GET", "/metrics", nil, "", 404, "not-found"},
		"too large":                    {"POST", "/contacts", nil, `{"notes":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too-large"},
		"a form":                       {"POST", "/contacts", header{"Content-Type": "application/x-www-form-urlencoded"}, "firstName=A", 415, "unsupported-media"},
		"multipart":                    {"POST", "/contacts", header{"Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415, "unsupported-media"},
		"text":                         {"POST", "/contacts", header{"Content-Type": "text/plain"}, ada, 415, "unsupported-media"},
		"XML":                          {"PUT", path, header{"Content-Type": "application/xml"}, "<a/>", 415, "unsupported-media"},
		"merge patch to PUT":           {"PUT", path, header{"Content-Type": "application/merge-patch+json"}, ada, 415, "unsupported-media"},
		"JSON patch":                   {"PATCH", path, header{"Content-Type": "application/json-patch+json"}, "[]", 415, "unsupported-media"},
		"another charset":              {"POST", "/contacts", header{"Content-Type": "application/json; charset=utf-16"}, ada, 415, "unsupported-media"},
		"gzip":                         {"POST", "/contacts", header{"Content-Encoding": "gzip"}, "x", 415, "unsupported-media"},
		"explicit identity":            {"PATCH", path, header{"Content-Encoding": "identity"}, "{}", 415, "unsupported-media"},
		"JSON to import":               {"POST", "/contacts/import", nil, "{}", 415, "unsupported-media"},
		"not an object":                {"POST", "/contacts", nil, `[]`, 422, "invalid"},
		"no name":                      {"POST", "/contacts", nil, `{"kind":"person"}`, 422, "invalid"},
		"PATCH of kind":                {"PATCH", path, nil, `{"kind":"person"}`, 422, "invalid"},
		"PATCH that removes the name":  {"PATCH", path, nil, `{"firstName":null,"lastName":null,"company":null,"emails":[],"phones":[]}`, 422, "invalid"},
		"PATCH that is not an object":  {"PATCH", path, nil, `null`, 422, "invalid"},
		"PATCH of a missing contact":   {"PATCH", missingContact, nil, `{"kind":"person"}`, 404, "not-found"},
		"export in an unknown format":  {"GET", "/contacts/export?format=xls", nil, "", 400, "bad-request"},
		"export with a limit":          {"GET", "/contacts/export?format=csv&limit=5", nil, "", 400, "bad-request"},
		"import of nothing":            {"POST", "/contacts/import", header{"Content-Type": "text/csv"}, "firstName\n", 422, "invalid"},
		"request id with a line break": {"GET", "/nowhere", header{"X-Request-Id": "a b"}, "", 404, "not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.do(test.method, test.path, test.headers, test.body)
			require.Equal(t, test.status, a.status, a.body)
			require.Equal(t, test.code, a.json(t)["code"])
			if test.status == 422 {
				require.NotEmpty(t, a.pointers(t))
			}
			if strings.HasPrefix(test.path, "/contacts") {
				_, err := grapevine.ParsePosition(a.header.Get("Position"))
				require.NoError(t, err, "every answer about contacts has a Position")
			}
		})
	}
	require.NotContains(t, h.log.String(), "request failed")
}

func TestEveryBadFieldIsNamed(t *testing.T) {
	h := newHarness(t)
	path := h.create(ada).header.Get("Location")
	a := h.do("POST", "/contacts", nil, `{"firstname":"A","email":"nobody","tags":["ok",1],"addresses":[{"zip":"1"}],"phone":{"$gt":""}}`)
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/addresses/0/zip", "/email", "/firstname", "/phone", "/tags/1"}, a.pointers(t))
	a = h.do("PATCH", path, nil, `{"id":"x","createdAt":"x","updatedAt":null,"fullName":"x","score":1,"organization":null,"nope":1,"notes":7}`)
	require.Equal(t, 422, a.status)
	require.Equal(t, []string{"/createdAt", "/fullName", "/id", "/nope", "/notes", "/organization", "/score", "/updatedAt"}, a.pointers(t))
}

func TestMethods(t *testing.T) {
	h := newHarness(t)
	for path, allow := range map[string]string{
		"/contacts": "GET, HEAD, OPTIONS, POST", "/contacts/search": "GET, HEAD, OPTIONS", "/contacts/import": "OPTIONS, POST",
		missingContact: "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "/healthz": "GET, HEAD, OPTIONS", "/contacts/stats/tags": "GET, HEAD, OPTIONS",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"} {
			if strings.Contains(" "+allow+",", " "+method+",") {
				continue
			}
			a := h.do(method, path, nil, "")
			require.Equal(t, 405, a.status, "%s %s", method, path)
			require.Equal(t, allow, a.header.Get("Allow"))
		}
		a := h.do("OPTIONS", path, header{"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}, "")
		require.Equal(t, 204, a.status)
		require.Equal(t, allow, a.header.Get("Allow"))
		for name := range a.header {
			require.NotContains(t, name, "Access-Control", "no CORS header lets another site read")
		}
	}
	require.Equal(t, 404, h.do("PROPFIND", "/nowhere", nil, "").status)
}

func TestRequestID(t *testing.T) {
	h := newHarness(t)
	require.Equal(t, "mine-1", h.get("/nowhere", header{"X-Request-Id": "mine-1"}).json(t)["requestId"])
	require.NotEqual(t, "a<b", h.get("/nowhere", header{"X-Request-Id": "a<b"}).header.Get("X-Request-Id"))
}
