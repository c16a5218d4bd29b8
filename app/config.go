package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// The roles an instance can have. Any number of instances may have each.
const (
	roleAPI     = "api"     // HTTP, sockets and the page
	roleWatcher = "watcher" // candidate for the lease
	roleWorker  = "worker"  // runs jobs
)

// stores say where MongoDB and Redis are.
type stores struct {
	MongoURI string `name:"mongo-uri" env:"MONGO_URI" default:"mongodb://127.0.0.1:27017/?replicaSet=rs0" help:"MongoDB: a replica set. [$MONGO_URI]"`
	MongoDB  string `name:"mongo-db" env:"MONGO_DB" default:"grapevine" help:"Its database. [$MONGO_DB]"`
	RedisURL string `name:"redis-url" env:"REDIS_URL" default:"redis://127.0.0.1:6379/0" help:"Redis: noeviction, appendonly yes. [$REDIS_URL]"`
	Prefix   string `env:"KEY_PREFIX" default:"grapevine:" hidden:"" help:"Prefix of every Redis key but Asynq's."`
}

// settings are everything an instance can be told. Each is a flag and an environment variable.
type settings struct {
	stores `embed:""`

	Addr         string        `env:"ADDR" default:"127.0.0.1:8080" help:"Address to listen on. [$ADDR]"`
	Insecure     bool          `env:"INSECURE" help:"Listen on more than loopback although there is no sign-in yet. [$INSECURE]"`
	Roles        []string      `env:"ROLES" default:"api,watcher,worker" help:"What this instance does: api, watcher, worker. [$ROLES]"`
	CacheTTL     time.Duration `name:"cache-ttl" env:"CACHE_TTL" default:"60s" help:"Longest life of a cached value. [$CACHE_TTL]"`
	MaxStaleness time.Duration `env:"MAX_STALENESS" default:"5s" help:"Reads further behind MongoDB than this bypass the cache. [$MAX_STALENESS]"`
	History      time.Duration `env:"HISTORY" default:"1h" help:"How long a client may be away and still get every event. [$HISTORY]"`
	Auth         string        `env:"AUTH" default:"off" enum:"off" help:"Sign-in: only off exists yet. [$AUTH]"`
	SMTPURL      string        `name:"smtp-url" env:"SMTP_URL" help:"Mail server, smtp://user:password@host:587; without one mail is only logged. [$SMTP_URL]"`
	LogLevel     slog.Level    `env:"LOG_LEVEL" default:"info" help:"debug, info, warn or error. [$LOG_LEVEL]"`
	LogFormat    string        `env:"LOG_FORMAT" default:"auto" enum:"auto,text,json" help:"text, json, or auto: text on a terminal. [$LOG_FORMAT]"`

	AllowedHosts   []string `env:"ALLOWED_HOSTS" help:"Names requests may use in Host; default: those of the address when it is loopback, else any. [$ALLOWED_HOSTS]"`
	Origins        []string `env:"ORIGINS" help:"Other origins whose pages may open sockets. [$ORIGINS]"`
	TrustedProxies []string `env:"TRUSTED_PROXIES" help:"Networks, such as 10.0.0.0/8, whose X-Forwarded-For is believed. [$TRUSTED_PROXIES]"`
	PerClient      float64  `env:"PER_CLIENT" default:"0" help:"Requests a second for each client; 0 is no bound. [$PER_CLIENT]"`
	Concurrency    int      `env:"CONCURRENCY" default:"16" help:"Jobs run at once. [$CONCURRENCY]"`
	MaxRetry       int      `env:"MAX_RETRY" default:"10" help:"Runs of a job after the first before it is archived, at least 5. [$MAX_RETRY]"`
	JobsReadOnly   bool     `env:"JOBS_READ_ONLY" help:"The job dashboard shows and changes nothing. [$JOBS_READ_ONLY]"`
}

// Validate names every setting that cannot be used; kong calls it.
func (s *settings) Validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	host, _, err := net.SplitHostPort(s.Addr)
	switch {
	case err != nil:
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
	for name, d := range map[string]time.Duration{"CACHE_TTL": s.CacheTTL, "MAX_STALENESS": s.MaxStaleness, "HISTORY": s.History} {
		if d < time.Second {
			bad(name, "%s is too short; at least 1s", d)
		}
	}
	if s.MaxRetry < 5 {
		bad("MAX_RETRY", "%d is too few; at least 5", s.MaxRetry)
	}
	if s.Concurrency < 1 {
		bad("CONCURRENCY", "%d is too few; at least 1", s.Concurrency)
	}
	if s.PerClient < 0 {
		bad("PER_CLIENT", "%g is negative", s.PerClient)
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
