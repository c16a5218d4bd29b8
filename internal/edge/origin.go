package edge

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// SameOrigin reports whether origin, as a browser sends it, names host, the Host header of the
// request. The scheme of the request is not compared, because the server may be behind a proxy that ends TLS. If
// schemes is not empty, origin must have one of them.
func SameOrigin(origin, host string, schemes ...string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || !strings.EqualFold(u.Host, host) {
		return false
	}
	return len(schemes) == 0 || slices.Contains(schemes, u.Scheme)
}

// CrossSite reports whether a browser says that another site caused the request. fetchSite and origin
// are the headers Sec-Fetch-Site and Origin. A client that is not a browser sends neither; its
// requests are not cross-site. A net/http handler can use [http.CrossOriginProtection], which follows
// the same rule.
func CrossSite(fetchSite, origin, host string) bool {
	switch fetchSite {
	case "same-origin", "none":
		return false
	case "":
		return origin != "" && !SameOrigin(origin, host)
	}
	return true
}

// WriteAllowed reports whether a page of origin may change something: unless the request is [CrossSite], or if origin is
// in allowed. "*" in allowed has no effect here.
func WriteAllowed(fetchSite, origin, host string, allowed []string) bool {
	return !CrossSite(fetchSite, origin, host) ||
		slices.ContainsFunc(allowed, func(a string) bool { return a != "*" && strings.EqualFold(a, origin) })
}

// SocketAllowed reports whether a page of origin may open a WebSocket: a page of this host, or of an
// origin in allowed, where "*" means every origin. A client without Origin is not a browser and may.
func SocketAllowed(origin, host string, allowed []string) bool {
	if origin == "" || SameOrigin(origin, host, "http", "https") {
		return true
	}
	return slices.ContainsFunc(allowed, func(a string) bool { return a == "*" || strings.EqualFold(a, origin) })
}

// ValidOrigin reports whether a browser may send s as Origin: scheme and host, and the port unless it
// is the scheme's default. Any other text in a list of allowed origins would silently never match.
func ValidOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme+"://"+u.Host != s || u.Hostname() == "" || strings.ContainsFunc(s, func(r rune) bool { return r == '*' || r > unicode.MaxASCII }) {
		return false
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return err == nil && !strings.HasSuffix(s, ":") && (u.Scheme == "http" && port != 80 || u.Scheme == "https" && port != 443)
}

// HostAllowed reports whether the name in the Host header, without its port, is in allowed. An empty
// list allows every name.
func HostAllowed(host string, allowed []string) bool {
	if len(allowed) == 0 {
		return true
	}
	name := hostName(host)
	return slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(trimBrackets(a), name) })
}

// IsAddress reports whether the Host header holds an IP address, with or without a port, and not a name.
func IsAddress(host string) bool { return net.ParseIP(hostName(host)) != nil }

// hostName is the Host header without the port and the brackets of an IPv6 address.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return trimBrackets(host)
}

func trimBrackets(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "["), "]") }
