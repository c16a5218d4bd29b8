package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

func TestGateRefusesRequestsForContacts(t *testing.T) {
	var reads, writes *api.Refusal
	h := newHarness(t, func(c *api.Config) {
		c.Gate = func(write bool) *api.Refusal {
			if write {
				return writes
			}
			return reads
		}
	})
	path := h.create(ada).header.Get("Location")
	expect := func(want int, method, path, body string) {
		t.Helper()
		a := h.do(method, path, nil, body)
		require.Equal(t, want, a.status, method+" "+path)
		if want == 503 {
			require.Equal(t, "1", a.header.Get("Retry-After"))
			require.Equal(t, "unavailable", a.json(t)["code"])
			require.Equal(t, "Upgrade this instance.", a.json(t)["detail"])
		}
	}
	writes = &api.Refusal{State: "newer-schema", Message: "Upgrade this instance."}
	expect(503, "POST", "/contacts", ada)
	expect(503, "PUT", path, ada)
	expect(503, "PATCH", path, ada)
	expect(503, "DELETE", path, "")
	expect(503, "POST", "/contacts/import", "firstName\nAda\n")
	expect(200, "GET", path, "")
	expect(200, "GET", "/contacts", "")
	reads = writes
	for _, path := range []string{path, "/contacts", "/contacts/search?q=ada", "/contacts/export", "/contacts/stats/tags"} {
		expect(503, "GET", path, "")
	}
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json"} {
		expect(200, "GET", path, "")
	}
	reads, writes = nil, nil
	expect(204, "DELETE", path, "")
}

// A probe asks by address or without a name. Metrics have no name that a rebound page could use.
func TestHealthAnswersWhateverTheHost(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.AllowedHosts = []string{"contacts.example.org"} })
	for _, c := range []struct {
		path, host string
		want       int
	}{
		{"/healthz", "10.0.0.5:8080", 200},
		{"/readyz", "10.0.0.5:8080", 200},
		{"/readyz", "evil.example", 200},
		{"/metrics", "10.0.0.5:8080", 404},
		{"/metrics", "[fd00::1]:8080", 404},
		{"/metrics", "contacts.example.org", 404}, // this server has no metrics
		{"/metrics", "evil.example", 403},
		{"/metrics", "10.0.0.5.example", 403},
		{"/contacts", "10.0.0.5:8080", 403},
		{"/contacts", "contacts.example.org", 200},
		{"/docs", "10.0.0.5", 403},
	} {
		all := h.raw("GET " + c.path + " HTTP/1.1\r\nHost: " + c.host + "\r\nConnection: close\r\n\r\n")
		require.Len(t, all, 1)
		require.Equal(t, c.want, all[0].status, c.path+" of "+c.host)
	}
	require.Equal(t, 200, h.raw("GET /readyz HTTP/1.0\r\n\r\n")[0].status, "HAProxy's check has no Host")
}
