package app

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"grapevine/access"
	"grapevine/access/password"
	"grapevine/internal/redact"
)

// The values of AUTH.
const (
	AuthOn  = "on"
	AuthOff = "off"
)

// SignIn are the settings that decide who may use an instance, see [Connections] for the tags.
type SignIn struct {
	Auth      string `env:"AUTH" default:"${auth}" help:"Sign-in: on, or off. With off, everyone who reaches this instance may do everything: serve then needs --insecure."`
	Insecure  bool   `env:"INSECURE" help:"Allow AUTH=off, and a PUBLIC_URL with http whose host is not loopback. Only if something in front keeps strangers out."`
	PublicURL string `name:"public-url" env:"PUBLIC_URL" placeholder:"URL" help:"Where people open the page, such as https://contacts.example.org. It alone decides links, cookies, and which Host and Origin are allowed. Empty means: ADDR, if that is a loopback address."`

	AdminEmail        string `env:"ADMIN_EMAIL" placeholder:"EMAIL" help:"E-mail address of an admin of the instance, who is made at the start if there is no such user. It changes nobody. Empty means none."`
	AdminPasswordFile string `env:"ADMIN_PASSWORD_FILE" placeholder:"FILE" help:"File with the password of ADMIN_EMAIL."`

	OIDCIssuer       string        `name:"oidc-issuer" env:"OIDC_ISSUER" placeholder:"URL" help:"Issuer of single sign-on by OpenID Connect, such as https://login.example.org. Its redirect URI is PUBLIC_URL and /oidc/callback. Empty means: no single sign-on."`
	OIDCClientID     string        `name:"oidc-client-id" env:"OIDC_CLIENT_ID" placeholder:"ID" help:"Name of this instance at OIDC_ISSUER."`
	OIDCClientSecret redact.Secret `name:"oidc-client-secret" env:"OIDC_CLIENT_SECRET" placeholder:"SECRET" help:"Secret of OIDC_CLIENT_ID. Empty for a client without one."`
	OIDCDomains      []string      `name:"oidc-domains" env:"OIDC_DOMAINS" placeholder:"DOMAIN" help:"Only people with an e-mail address in one of these domains may sign in at OIDC_ISSUER. Empty means: any domain."`

	// Local is set by the command dev: it serves loopback only, without sign-in unless AUTH=on, and refuses requests that
	// a proxy forwards.
	Local bool `kong:"-"`

	// FirstLinkTo gets the link to make the first user. Nil means the standard error.
	FirstLinkTo io.Writer `kong:"-"`

	adminPassword redact.Secret // what ADMIN_PASSWORD_FILE holds
}

// IsOn reports whether people sign in.
func (s *SignIn) IsOn() bool { return s.Auth != AuthOff }

// checkSignIn reports what cannot be used. ADDR is host:port.
func (c *Config) checkSignIn(bad func(setting, format string, args ...any)) {
	loopback := hostIsLoopback(c.Addr)
	switch {
	case c.Auth != AuthOn && c.Auth != AuthOff:
		bad("AUTH", "%q is neither on nor off; leave it out, or write on, for sign-in", c.Auth)
		return
	case c.Local && !loopback:
		bad("ADDR", "%q is open to the network, and dev serves this machine only; listen on 127.0.0.1, or use the command serve", c.Addr)
	case c.Local && len(c.TrustedProxies) > 0:
		bad("TRUSTED_PROXIES", "dev refuses every request that a proxy forwards; leave it out, or use the command serve")
	case !c.IsOn() && !c.Insecure && !c.Local:
		bad("AUTH", "with off, everyone who reaches %s may do everything; set AUTH=on, or add --insecure (INSECURE=true) if something in front keeps strangers out", c.Addr)
	}
	c.checkPublicURL(loopback, bad)
	c.checkAdmin(bad)
	c.checkOIDC(bad)
}

func (c *Config) checkPublicURL(loopback bool, bad func(setting, format string, args ...any)) {
	if c.PublicURL != "" {
		canonical, err := ParsePublicURL(c.PublicURL, c.Insecure)
		if err != nil {
			bad("PUBLIC_URL", "%w", err)
			return
		}
		c.PublicURL = canonical
	}
	if !c.IsOn() {
		return
	}
	if c.PublicURL == "" && !loopback {
		bad("PUBLIC_URL", "set it to where people open the page, such as https://contacts.example.org: ADDR %q does not tell", c.Addr)
	}
	for name, list := range map[string][]string{"ORIGINS": c.Origins, "ALLOWED_HOSTS": c.AllowedHosts} {
		if len(list) > 0 {
			bad(name, "with AUTH=on, PUBLIC_URL alone decides which pages may write and which Host is answered; leave %s out and set PUBLIC_URL", name)
		}
	}
}

func (c *Config) checkAdmin(bad func(setting, format string, args ...any)) {
	switch {
	case c.AdminEmail == "" && c.AdminPasswordFile == "":
		return
	case c.AdminEmail == "":
		bad("ADMIN_EMAIL", "set it together with ADMIN_PASSWORD_FILE")
		return
	case c.AdminPasswordFile == "":
		bad("ADMIN_PASSWORD_FILE", "set it together with ADMIN_EMAIL")
		return
	}
	if _, err := access.NormalizeEmail(c.AdminEmail); err != nil {
		bad("ADMIN_EMAIL", "it is not an e-mail address such as ada@example.org")
	}
	typed, err := readPassword(c.AdminPasswordFile)
	if err != nil {
		bad("ADMIN_PASSWORD_FILE", "%w", err)
		return
	}
	if problem := password.Problem(typed.Reveal(), c.AdminEmail); problem != "" {
		bad("ADMIN_PASSWORD_FILE", "the password %s", problem)
	}
	c.adminPassword = typed
}

// maxPasswordFile bounds ADMIN_PASSWORD_FILE. A password has 128 characters at most.
const maxPasswordFile = 4 << 10

// readPassword reads a password as it was typed: only the end of its line goes.
func readPassword(file string) (redact.Secret, error) {
	about, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if about.Size() > maxPasswordFile {
		return "", fmt.Errorf("%s is too large for a password", file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	text := strings.TrimPrefix(string(content), "\ufeff")
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	switch {
	case text == "":
		return "", fmt.Errorf("%s is empty", file)
	case !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\n\r"):
		return "", fmt.Errorf("%s is not one line of text in UTF-8", file)
	}
	return redact.Secret(text), nil
}

func (c *Config) checkOIDC(bad func(setting, format string, args ...any)) {
	if c.OIDCIssuer == "" {
		for name, set := range map[string]bool{"OIDC_CLIENT_ID": c.OIDCClientID != "", "OIDC_CLIENT_SECRET": c.OIDCClientSecret != "", "OIDC_DOMAINS": len(c.OIDCDomains) > 0} {
			if set {
				bad(name, "set OIDC_ISSUER too, or leave it out")
			}
		}
		return
	}
	if c.OIDCClientID == "" {
		bad("OIDC_CLIENT_ID", "set it to the name that OIDC_ISSUER gave this instance")
	}
	u, err := url.Parse(c.OIDCIssuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		bad("OIDC_ISSUER", "it is not the URL of an issuer, such as https://login.example.org")
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !c.Insecure:
		bad("OIDC_ISSUER", "with http, anyone on the way could sign in as anybody; use https")
	}
	for _, domain := range c.OIDCDomains {
		if strings.ContainsAny(domain, "@/:* ") || !strings.Contains(domain, ".") {
			bad("OIDC_DOMAINS", "%q is not a domain of e-mail addresses, such as example.org", domain)
		}
	}
}

// hostIsLoopback reports whether an address, host:port, is reached from this machine only.
func hostIsLoopback(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	return isLoopback(host)
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
