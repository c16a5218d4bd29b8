// Package redact keeps the secrets of addresses out of everything that people read.
package redact

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// URI is the address of a server, which may hold secrets. Whatever prints, logs or encodes it gets the scheme, the
// hosts, the path and the harmless options, and nothing else. Only [URI.Reveal] gives the whole.
type URI string

// Reveal is the whole URI, for the client that connects.
func (u URI) Reveal() string { return string(u) }

// String is the URI without its secrets.
func (u URI) String() string {
	if u == "" {
		return ""
	}
	p, ok := split(string(u))
	if !ok {
		return "(not shown, because it cannot be read)"
	}
	return p.join("", func(name string) bool { return harmless[name] })
}

// Format makes every verb of fmt print what String returns.
func (u URI) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, u.String()) }

// LogValue makes every handler of slog write what String returns.
func (u URI) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText makes JSON hold what String returns.
func (u URI) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// harmless are the options whose values may be shown to everyone, in lower case. Any other option may hold a secret.
var harmless = setOf("replicaset", "tls", "ssl", "authsource", "authmechanism", "directconnection", "loadbalanced", "readpreference",
	"readconcernlevel", "w", "journal", "retrywrites", "retryreads", "appname", "compressors", "maxpoolsize", "minpoolsize",
	"connecttimeoutms", "serverselectiontimeoutms", "sockettimeoutms", "timeoutms", "heartbeatfrequencyms", "srvmaxhosts", "srvservicename", // MongoDB
	"db", "protocol", "client_name", "max_retries", "dial_timeout", "read_timeout", "write_timeout", "pool_size", "pool_timeout",
	"min_idle_conns", "max_idle_conns", "max_active_conns", "skip_verify", // Redis
	"from") // mail

// forOperator are further options whose values may stand in an error: names of files.
var forOperator = setOf("tlscafile", "sslcertificateauthorityfile", "tlscertificatekeyfile", "sslclientcertificatekeyfile", "tlscertificatefile", "tlsprivatekeyfile")

// secretOptions are the known options that hold a secret.
var secretOptions = setOf("tlscertificatekeyfilepassword", "sslclientcertificatekeypassword", "authmechanismproperties", "sentinel_password", "sentinel_username")

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// parts are the pieces of a URI as they are written.
type parts struct {
	scheme, user, hosts, path string
	hasUser                   bool
	options                   []option
}

type option struct{ name, pair string } // name in lower case

// grammar is strict about the credentials: with a raw @ / ? # or % in a password, a parser takes a piece of the
// password for a host, a path or an option, and shows it.
var grammar = regexp.MustCompile(`^([a-z][a-z0-9+.-]*)://((?:[^@/?#%\s]|%[0-9A-Fa-f]{2})*@)?([^@/?#]*)(/[^@?#]*)?(?:\?([^#]*))?$`)

// split reports false if it cannot tell the credentials from the rest.
func split(uri string) (p parts, ok bool) {
	found := grammar.FindStringSubmatch(uri)
	if found == nil {
		return p, false
	}
	p = parts{scheme: found[1], user: strings.TrimSuffix(found[2], "@"), hosts: found[3], path: found[4], hasUser: found[2] != ""}
	for _, pair := range strings.FieldsFunc(found[5], func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		name = strings.ToLower(name)
		if strings.Contains(pair, "@") && !harmless[name] && !forOperator[name] && !secretOptions[name] {
			return p, false // the end of a password with a raw question mark
		}
		p.options = append(p.options, option{name, pair})
	}
	return p, true
}

// join writes the URI again with other credentials and only the options to keep.
func (p parts) join(credentials string, keep func(name string) bool) string {
	var kept []string
	for _, o := range p.options {
		if keep(o.name) {
			kept = append(kept, o.pair)
		}
	}
	text := p.scheme + "://" + credentials + p.hosts + p.path
	if len(kept) > 0 {
		text += "?" + strings.Join(kept, "&")
	}
	return text
}
