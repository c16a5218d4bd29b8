package edge

import (
	"net/netip"
	"strconv"
	"strings"
)

// ValidHost reports whether the header Host is a name or an address with an optional port (RFC 9110, 7.2). An empty
// one is valid: HTTP/1.0 has none.
func ValidHost(host string) bool {
	if host == "" {
		return true
	}
	var name, port string
	var hasPort bool
	if literal, rest, closed := strings.Cut(host, "]"); closed {
		addr, err := netip.ParseAddr(strings.TrimPrefix(literal, "["))
		if err != nil || !strings.HasPrefix(literal, "[") || !addr.Is6() || addr.Zone() != "" || rest != "" && rest[0] != ':' {
			return false
		}
		name, hasPort, port = literal, rest != "", strings.TrimPrefix(rest, ":")
	} else if name, port, hasPort = strings.Cut(host, ":"); !validHostName(name) {
		return false
	}
	if !hasPort || port == "" {
		return name != ""
	}
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}

// validHostName reports whether s is a registered name or an IPv4 address. Browsers send other characters in Punycode.
func validHostName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' && r != '~'
	}) < 0
}
