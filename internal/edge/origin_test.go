package edge

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHostAllowed(t *testing.T) {
	loopback := []string{"localhost", "127.0.0.1", "[::1]"}
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST:1": true, "127.0.0.1:8080": true, "[::1]:8080": true, "[::1]": true,
		"evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "127.0.0.1.nip.io": false, "": false,
		"localhost:8080:1": false, "127.0.0.2": false, "localhost.": false,
	} {
		require.Equal(t, want, HostAllowed(host, loopback), host)
	}
	require.True(t, HostAllowed("anything", nil))
}

func TestIsAddress(t *testing.T) {
	for host, want := range map[string]bool{
		"10.0.0.5": true, "10.0.0.5:8080": true, "[::1]:8080": true, "[fd00::1]": true, "::1": true,
		"": false, "localhost:8080": false, "example.org": false, "10.0.0.5.example.org": false, "10.0.0.5.nip.io:8080": false,
	} {
		require.Equal(t, want, IsAddress(host), host)
	}
}

func TestCrossSite(t *testing.T) {
	for _, test := range []struct {
		fetchSite, origin string
		want              bool
	}{
		{"", "", false}, // not a browser
		{"same-origin", "", false},
		{"none", "", false},
		{"same-origin", "http://grape.example:8080", false},
		{"cross-site", "http://grape.example:8080", true},
		{"same-site", "", true}, // a subdomain may belong to somebody else
		{"nonsense", "", true},
		{"", "http://grape.example:8080", false},
		{"", "http://GRAPE.example:8080", false},
		{"", "http://evil.example", true},
		{"", "http://grape.example", true},
		{"", "http://grape.example:8081", true},
		{"", "http://grape.example:8080.evil.example", true},
		{"", "http://evilgrape.example:8080", true},
		{"", "null", true},
		{"", "grape.example:8080", true},
		{"", "%", true},
	} {
		require.Equal(t, test.want, CrossSite(test.fetchSite, test.origin, "grape.example:8080"), "%+v", test)

		// net/http handlers, such as the dashboard, use the rule of the standard library.
		request := &http.Request{Method: http.MethodPost, Host: "grape.example:8080", Header: http.Header{}}
		request.Header.Set("Sec-Fetch-Site", test.fetchSite)
		request.Header.Set("Origin", strings.ToLower(test.origin)) // it compares hosts exactly
		require.Equal(t, test.want, http.NewCrossOriginProtection().Check(request) != nil, "%+v", test)
	}
}

func TestSocketAllowed(t *testing.T) {
	allowed := []string{"https://ok.example"}
	for _, test := range []struct {
		origin string
		want   bool
	}{
		{"", true},
		{"http://app.example:8080", true},
		{"HTTP://APP.example:8080", true},
		{"https://ok.example", true},
		{"https://app.example", false},
		{"http://app.example", false},
		{"http://app.example:80801", false},
		{"http://evil.example", false},
		{"http://app.example:8080.evil.example", false},
		{"http://evil.example/app.example:8080", false},
		{"http://app.example:8080@evil.example", false},
		{"https://ok.example.evil.example", false},
		{"file://app.example:8080", false},
		{"null", false},
		{"%", false},
	} {
		require.Equal(t, test.want, SocketAllowed(test.origin, "app.example:8080", allowed), test.origin)
	}
	require.True(t, SocketAllowed("http://evil.example", "app.example", []string{"*"}))
}
