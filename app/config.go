package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// The roles an instance can have. Any number of instances may have each.
const (
	roleAPI     = "api"     // HTTP, sockets and the page
	roleWatcher = "watcher" // candidate for the lease
	roleWorker  = "worker"  // runs jobs
)

// flagDefaults are those of the flags that have another one in dev.
var flagDefaults = kong.Vars{
	"mongo_uri":  "mongodb://127.0.0.1:27017/?replicaSet=rs0",
	"redis_url":  "redis://127.0.0.1:6379/0",
	"log_format": "auto",
}

// stores say where MongoDB and Redis are.
type stores struct {
	MongoURI string `name:"mongo-uri" env:"MONGO_URI" default:"${mongo_uri}" help:"MongoDB: a replica set."`
	MongoDB  string `name:"mongo-db" env:"MONGO_DB" default:"grapevine" help:"Its database."`
	RedisURL string `name:"redis-url" env:"REDIS_URL" default:"${redis_url}" help:"Redis: noeviction, appendonly yes."`
	Prefix   string `env:"KEY_PREFIX" default:"grapevine:" hidden:"" help:"Prefix of every Redis key but Asynq's."`
}

// settings are everything an instance can be told. Each is a flag and an environment variable.
type settings struct {
	stores `embed:""`

	Addr         string        `env:"ADDR" default:"127.0.0.1:8080" help:"Address to listen on."`
	Insecure     bool          `env:"INSECURE" help:"Listen on more than loopback although there is no sign-in yet."`
	Roles        []string      `env:"ROLES" default:"api,watcher,worker" help:"What this instance does: api, watcher, worker."`
	CacheTTL     time.Duration `name:"cache-ttl" env:"CACHE_TTL" default:"60s" help:"Longest life of a cached value."`
	MaxStaleness time.Duration `env:"MAX_STALENESS" default:"5s" help:"Reads further behind MongoDB than this bypass the cache."`
	History      time.Duration `env:"HISTORY" default:"1h" help:"How long a client may be away and still get every event."`
	Auth         string        `env:"AUTH" default:"off" enum:"off" help:"Sign-in: only off exists yet."`
	SMTPURL      string        `name:"smtp-url" env:"SMTP_URL" help:"Mail server, smtp://user:password@host:587; without one mail is only logged."`
	LogLevel     slog.Level    `env:"LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat    string        `env:"LOG_FORMAT" default:"${log_format}" enum:"auto,text,json" help:"text, json, or auto: text on a terminal."`

	AllowedHosts   []string `env:"ALLOWED_HOSTS" help:"Names requests may use in Host; default: those of the address when it is loopback, else any."`
	Origins        []string `env:"ORIGINS" help:"Other origins whose pages may open sockets."`
	TrustedProxies []string `env:"TRUSTED_PROXIES" help:"Networks, such as 10.0.0.0/8, whose X-Forwarded-For is believed."`
	PerClient      float64  `env:"PER_CLIENT" default:"0" help:"Requests a second for each client; 0 is no bound."`
	Concurrency    int      `env:"CONCURRENCY" default:"16" help:"Jobs run at once."`
	MaxRetry       int      `env:"MAX_RETRY" default:"10" help:"Runs of a job after the first before it is archived, at least 5."`
	JobsReadOnly   bool     `env:"JOBS_READ_ONLY" help:"The job dashboard shows and changes nothing."`
}

// Validate names every setting that cannot be used; kong calls it.
func (s *settings) Validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	host, port, err := net.SplitHostPort(s.Addr)
	switch {
	case err != nil || port == "":
		bad("ADDR", "%q is not host:port, such as 127.0.0.1:8080", s.Addr)
	case !loopback(host) && !s.Insecure:
		bad("ADDR", "%q is open to the network, and there is no sign-in yet; listen on 127.0.0.1, or add --insecure if something in front keeps strangers out", s.Addr)
	}
	if len(s.Roles) == 0 {
		bad("ROLES", "name at least one of api, watcher, worker")
	}
	for _, role := range s.Roles {
		if !slices.Contains([]string{roleAPI, roleWatcher, roleWorker}, role) {
			bad("ROLES", "there is no role %q; there are api, watcher and worker", role)
		}
	}
	if s.MaxStaleness < 3*time.Second {
		// MongoDB's time is known to a second and a heartbeat comes each second: below, all is well and
		// every other read bypasses the cache.
		bad("MAX_STALENESS", "%s is too short; at least 3s", s.MaxStaleness)
	}
	for name, d := range map[string]time.Duration{"CACHE_TTL": s.CacheTTL, "HISTORY": s.History} {
		if d < time.Second {
			bad(name, "%s is too short; at least 1s", d)
		}
	}
	if s.MaxRetry < 5 {
		bad("MAX_RETRY", "%d is too few; at least 5", s.MaxRetry)
	}
	if s.Concurrency < 1 || s.Concurrency > 1000 { // Asynq takes them one by one when it stops
		bad("CONCURRENCY", "%d is not between 1 and 1000", s.Concurrency)
	}
	if !(s.PerClient >= 0) || math.IsInf(s.PerClient, 0) { // NaN too
		bad("PER_CLIENT", "%g is not a number of requests", s.PerClient)
	}
	for _, name := range s.AllowedHosts {
		if _, _, err := net.SplitHostPort(name); err == nil || name == "" || strings.ContainsAny(name, "/ ") {
			bad("ALLOWED_HOSTS", "%q is not a name or address without a port, such as example.org", name)
		}
	}
	for _, origin := range s.Origins {
		if origin != "*" && !isOrigin(origin) {
			bad("ORIGINS", "%q is not an origin as a browser sends it, such as https://example.org or http://10.0.0.1:8080, nor * for all", origin)
		}
	}
	for _, network := range s.TrustedProxies {
		if _, err := netip.ParsePrefix(network); err != nil {
			bad("TRUSTED_PROXIES", "%q is not a network such as 10.0.0.0/8", network)
		}
	}
	errs = append(errs, s.stores.validate()...)
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func (s *stores) validate() (errs []error) {
	if !strings.HasPrefix(s.MongoURI, "mongodb://") && !strings.HasPrefix(s.MongoURI, "mongodb+srv://") {
		errs = append(errs, errors.New("MONGO_URI: it must start with mongodb:// or mongodb+srv://"))
	}
	if slices.Contains([]string{"admin", "config", "local"}, s.MongoDB) {
		errs = append(errs, fmt.Errorf("MONGO_DB: %s is MongoDB's own and has no change stream", s.MongoDB))
	}
	if s.MongoDB == "" || strings.ContainsAny(s.MongoDB, "/\\. \"$*<>:|?\x00") || len(s.MongoDB) > 63 {
		errs = append(errs, fmt.Errorf("MONGO_DB: %q cannot be a database's name", s.MongoDB))
	}
	if u, err := url.Parse(s.RedisURL); err != nil || !slices.Contains([]string{"redis", "rediss", "unix"}, u.Scheme) {
		errs = append(errs, errors.New("REDIS_URL: it must be a redis:// or rediss:// URL"))
	} else if _, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16); err != nil {
		errs = append(errs, fmt.Errorf("REDIS_URL: %s is not a port", u.Port()))
	}
	return errs
}

// isOrigin reports whether a browser may send s as Origin: scheme and host, and the port unless it is the
// scheme's own. Anything else would never match, and nobody would know why.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme+"://"+u.Host != s || u.Hostname() == "" || strings.ContainsFunc(s, func(r rune) bool { return r == '*' || r > unicode.MaxASCII }) {
		return false
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return err == nil && !strings.HasSuffix(s, ":") && (u.Scheme == "http" && port != 80 || u.Scheme == "https" && port != 443)
}

// Validate is for commands that need the stores alone.
func (s *stores) Validate() error { return errors.Join(s.validate()...) }

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (s *settings) proxies() []netip.Prefix {
	var found []netip.Prefix
	for _, network := range s.TrustedProxies {
		found = append(found, netip.MustParsePrefix(network)) // Validate saw it
	}
	return found
}

// allowedHosts keeps a page elsewhere, whose name was rebound to loopback, from reading what is here.
func (s *settings) allowedHosts() []string {
	host, _, _ := net.SplitHostPort(s.Addr)
	if len(s.AllowedHosts) > 0 || !loopback(host) {
		return s.AllowedHosts
	}
	return []string{"localhost", "127.0.0.1", "::1", "[::1]"}
}

func (s *settings) logger(to io.Writer) *slog.Logger {
	text := s.LogFormat == "text"
	file, isFile := to.(*os.File)
	terminal := isFile && term.IsTerminal(int(file.Fd()))
	if text || s.LogFormat == "auto" && terminal {
		return slog.New(tint.NewTextHandler(to, &tint.Options{Level: s.LogLevel, TimeFormat: time.TimeOnly, NoColor: !terminal}))
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: s.LogLevel}))
}
