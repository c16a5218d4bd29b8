package app

import (
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"grapevine/internal/edge"
	"grapevine/jobs"
)

// Validate completes the settings. Its error names every setting with an unusable value. kong calls it.
func (c *Config) Validate() error {
	c.complete()
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	if err := checkAddr(c.Addr, c.Insecure); err != nil {
		errs = append(errs, fmt.Errorf("ADDR: %w", err))
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
	if c.ImportMax < 1 {
		bad("IMPORT_MAX", "%d is not a number of bytes", c.ImportMax)
	}
	if c.MaxRetry < 5 {
		bad("MAX_RETRY", "%d is too small; at least 5", c.MaxRetry)
	}
	if c.MaxHeaderBytes < minHeaderBytes || c.MaxHeaderBytes > maxHeaderBytes {
		bad("MAX_HEADER_BYTES", "%d is not between %d and %d", c.MaxHeaderBytes, minHeaderBytes, maxHeaderBytes)
	}
	if c.Concurrency < 1 || c.Concurrency > 1000 { // Asynq stops its workers one by one
		bad("CONCURRENCY", "%d is not between 1 and 1000", c.Concurrency)
	}
	if c.SocketsPerClient < 0 {
		bad("SOCKETS_PER_CLIENT", "%d is not a number of sockets; 0 means no limit", c.SocketsPerClient)
	}
	if c.MaxSockets < 1 {
		bad("MAX_SOCKETS", "%d is too small; at least 1", c.MaxSockets)
	}
	if c.Drain < 0 || c.Drain > maxDrain {
		bad("DRAIN", "%s is not between 0s and %s", c.Drain, maxDrain)
	}
	if !(c.PerClient >= 0) || math.IsInf(c.PerClient, 0) { // NaN too
		bad("PER_CLIENT", "%g is not a number of requests", c.PerClient)
	}
	if !(c.MailRate >= 0) || math.IsInf(c.MailRate, 0) { // NaN too
		bad("MAIL_RATE", "%g is not a number of mails", c.MailRate)
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
		if _, err := parseNetwork(network); err != nil {
			bad("TRUSTED_PROXIES", "%q is neither an address such as 10.0.0.1 nor a network such as 10.0.0.0/8", network)
		}
	}
	if _, err := c.mailServer(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, c.Connections.validate()...)
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func checkAddr(addr string, insecure bool) error {
	host, port, err := net.SplitHostPort(addr)
	number, portErr := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil && isPort(addr):
		return fmt.Errorf("%q is a port alone; write 127.0.0.1:%s", addr, addr)
	case err != nil && strings.Count(addr, ":") > 1:
		return fmt.Errorf("%q is not host:port; write an IPv6 address in brackets, such as [::1]:8080", addr)
	case err != nil || port == "":
		return fmt.Errorf("%q is not host:port, such as 127.0.0.1:8080", addr)
	case portErr != nil:
		return fmt.Errorf("the port of %q is not a number from 0 to 65535", addr)
	case !isLoopback(host) && !insecure:
		return fmt.Errorf("%q is open to the network, and there is no sign-in yet; listen on 127.0.0.1:%d, or add --insecure (INSECURE=true) if something in front keeps strangers out", addr, number)
	}
	return nil
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// Bounds of MAX_HEADER_BYTES. Browsers alone send up to 2 KiB. 10,000 connections of 1 MiB are 10 GB.
const (
	minHeaderBytes = 4 << 10
	maxHeaderBytes = 1 << 20
)

// maxDrain bounds DRAIN. Container platforms end a process that needs longer to stop than they were told.
const maxDrain = 10 * time.Minute

// minStaleness bounds MAX_STALENESS. MongoDB's time is known to a second, and a heartbeat comes every
// second: with less, a healthy instance would bypass the cache for every other read.
const minStaleness = 3 * time.Second

// Validate is [Config.Validate] for a command that needs no more than connections.
func (c *Connections) Validate() error {
	c.complete()
	return errors.Join(c.validate()...)
}

func (c *Connections) validate() (errs []error) {
	if err := checkMongoURI(c.MongoURI); err != nil {
		errs = append(errs, fmt.Errorf("MONGO_URI: %w", err))
	}
	if err := checkDatabase(c.MongoDatabase); err != nil {
		errs = append(errs, fmt.Errorf("MONGO_DB: %w", err))
	}
	if scheme, _, _ := strings.Cut(c.RedisURL.Reveal(), "://"); !slices.Contains(redisSchemes, scheme) {
		errs = append(errs, fmt.Errorf("REDIS_URL: it must start with %s", strings.Join(redisSchemes, "://, ")+"://"))
	} else if _, err := c.parseRedisURL(); err != nil {
		errs = append(errs, err)
	}
	return append(errs, c.Certificates.validate()...)
}

var redisSchemes = []string{"redis", "rediss", "redis-sentinel", "rediss-sentinel", "unix"}

// forbiddenInDatabase are the characters that MongoDB refuses in the name of a database on any system.
const forbiddenInDatabase = "/\\. \"$*<>:|?"

const maxDatabaseLength = 63 // bytes

func checkDatabase(name string) error {
	switch {
	case name == "":
		return errors.New("the name of the database is empty")
	case ofMongoDB(name):
		return fmt.Errorf("%s belongs to MongoDB itself and has no change stream; choose another name", name)
	case strings.HasSuffix(name, jobs.LowQueue("")):
		return fmt.Errorf("%s ends in %s, which is kept for the second queue of jobs of another database; choose another name", name, jobs.LowQueue(""))
	case len(name) > maxDatabaseLength:
		return fmt.Errorf("the name of the database is longer than %d bytes", maxDatabaseLength)
	}
	if at := strings.IndexAny(name, forbiddenInDatabase); at >= 0 {
		return fmt.Errorf("%q holds %q, which MongoDB forbids in the name of a database", name, name[at])
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
