package app

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"grapevine/internal/edge"
)

// ParsePublicURL reads PUBLIC_URL and returns it as a browser writes an origin: the scheme, the host in lower case and in
// ASCII, and the port unless it is the scheme's own. insecure allows http where the host is not loopback.
func ParsePublicURL(text string, insecure bool) (string, error) {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "@"):
		return "", errors.New("a user or password cannot be part of it; write https://contacts.example.org")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("%q is not a URL such as https://contacts.example.org", text)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", fmt.Errorf("%q has a path; the page needs a host of its own: write %s://%s", text, u.Scheme, u.Host)
	}
	host, err := canonicalHost(u.Hostname())
	if err != nil {
		return "", fmt.Errorf("%q: %w", text, err)
	}
	if u.Scheme == "http" && !isLoopback(strings.Trim(host, "[]")) && !insecure {
		return "", fmt.Errorf("with %q, passwords and cookies travel where others can read them; use https, or add --insecure (INSECURE=true) if the network can be trusted", text)
	}
	origin := u.Scheme + "://" + host
	if port := u.Port(); port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			return "", fmt.Errorf("the port of %q is not a number from 1 to 65535", text)
		}
		if number != map[string]uint64{"http": 80, "https": 443}[u.Scheme] {
			origin += ":" + strconv.FormatUint(number, 10)
		}
	}
	if !edge.ValidOrigin(origin) {
		return "", fmt.Errorf("%q is not a URL such as https://contacts.example.org", text)
	}
	return origin, nil
}

// canonicalHost is the host as browsers write it in Host and Origin.
func canonicalHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return "", errors.New("an address with a zone cannot be reached by a browser; leave the zone out")
		}
		if addr.Is6() {
			return "[" + addr.String() + "]", nil
		}
		return addr.String(), nil
	}
	name, err := idna.Lookup.ToASCII(strings.ToLower(host))
	if err != nil || !edge.ValidHost(name) || strings.HasSuffix(name, ".") {
		return "", fmt.Errorf("%q is not the name of a host, such as contacts.example.org", host)
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "", fmt.Errorf("%q is not an address of four numbers, such as 192.0.2.1", host) // a browser would make another one of it
	}
	return name, nil
}

// publicURL is PUBLIC_URL, or else the address on which the instance listens.
func (a *App) publicURL() string {
	if a.config.PublicURL != "" {
		return a.config.PublicURL
	}
	return "http://" + a.Addr()
}
