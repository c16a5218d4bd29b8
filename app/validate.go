package app

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"grapevine/internal/edge"
)

// Validate is an error that names every setting with an unusable value. kong calls it.
func (c *Config) Validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	host, port, err := net.SplitHostPort(c.Addr)
	switch {
	case err != nil || port == "":
		bad("ADDR", "%q is not host:port, such as 127.0.0.1:8080", c.Addr)
	case !isLoopback(host) && !c.Insecure:
		bad("ADDR", "%q is open to the network, and there is no sign-in yet; listen on 127.0.0.1, or add --insecure if something in front keeps strangers out", c.Addr)
	}
	if len(c.Roles) == 0 {
		bad("ROLES", "name at least one of api, watcher, worker")
	}
	for _, role := range c.Roles {
		if !slices.Contains([]string{roleAPI, roleWatcher, roleWorker}, role) {
			bad("ROLES", "there is no role %q; the roles are api, watcher and worker", role)
		}
	}
	if c.MaxStaleness < minStaleness {
		bad("MAX_STALENESS", "%s is too short; at least %s", c.MaxStaleness, minStaleness)
	}
	for name, d := range map[string]time.Duration{"CACHE_TTL": c.CacheTTL, "EVENT_RETENTION": c.EventRetention} {
		if d < time.Second {
			bad(name, "%s is too short; at least 1s", d)
		}
	}
	if c.MaxRetry < 5 {
		bad("MAX_RETRY", "%d is too small; at least 5", c.MaxRetry)
	}
	if c.Concurrency < 1 || c.Concurrency > 1000 { // Asynq stops its workers one by one
		bad("CONCURRENCY", "%d is not between 1 and 1000", c.Concurrency)
	}
	if !(c.PerClient >= 0) || math.IsInf(c.PerClient, 0) { // NaN too
		bad("PER_CLIENT", "%g is not a number of requests", c.PerClient)
	}
	for _, name := range c.AllowedHosts {
		if _, _, err := net.SplitHostPort(name); err == nil || name == "" || strings.ContainsAny(name, "/ ") {
			bad("ALLOWED_HOSTS", "%q is not a name or address without a port, such as example.org", name)
		}
	}
	for _, origin := range c.Origins {
		if origin != "*" && !edge.ValidOrigin(origin) {
			bad("ORIGINS", "%q is not an origin as a browser sends it, such as https://example.org or http://10.0.0.1:8080, nor * for all", origin)
		}
	}
	for _, network := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(network); err != nil {
			bad("TRUSTED_PROXIES", "%q is not a network such as 10.0.0.0/8", network)
		}
	}
	errs = append(errs, c.Connections.validate()...)
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// minStaleness bounds MAX_STALENESS. MongoDB's time is known to a second, and a heartbeat comes every
// second: with less, a healthy instance would bypass the cache for every other read.
const minStaleness = 3 * time.Second

// Validate is the check of a command that needs no more than connections.
func (c *Connections) Validate() error { return errors.Join(c.validate()...) }

func (c *Connections) validate() (errs []error) {
	if !strings.HasPrefix(c.MongoURI, "mongodb://") && !strings.HasPrefix(c.MongoURI, "mongodb+srv://") {
		errs = append(errs, errors.New("MONGO_URI: it must start with mongodb:// or mongodb+srv://"))
	}
	if slices.Contains([]string{"admin", "config", "local"}, c.MongoDatabase) {
		errs = append(errs, fmt.Errorf("MONGO_DB: %s belongs to MongoDB itself and has no change stream", c.MongoDatabase))
	}
	if c.MongoDatabase == "" || strings.ContainsAny(c.MongoDatabase, "/\\. \"$*<>:|?\x00") || len(c.MongoDatabase) > 63 {
		errs = append(errs, fmt.Errorf("MONGO_DB: %q is not a valid name of a database", c.MongoDatabase))
	}
	if u, err := url.Parse(c.RedisURL); err != nil || !slices.Contains([]string{"redis", "rediss", "unix"}, u.Scheme) {
		errs = append(errs, errors.New("REDIS_URL: it must be a redis:// or rediss:// URL"))
	} else if _, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16); err != nil {
		errs = append(errs, fmt.Errorf("REDIS_URL: %s is not a port", u.Port()))
	}
	return errs
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
