package app

import (
	"cmp"
	"net"
	"net/netip"
	"strings"
	"time"

	"grapevine"
	"grapevine/internal/redact"
)

// Roles of an instance. Any number of instances may have each.
const (
	roleAPI     = "api"     // HTTP, sockets and the page
	roleWatcher = "watcher" // candidate for the watcher lease
	roleWorker  = "worker"  // runs jobs
)

// Where the servers are unless a setting says otherwise.
const (
	DefaultMongoURI = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
	DefaultRedisURL = "redis://127.0.0.1:6379/0"
	DefaultDatabase = "grapevine"
)

// Connections are the addresses of MongoDB and Redis.
//
// kong reads the tags of this struct and of [Config]: each field is a flag and an environment variable,
// and its help is its documentation. kong sets the defaults. Validate refuses a zero value, unless the help of the
// field gives the meaning of zero.
type Connections struct {
	MongoURI      redact.URI `name:"mongo-uri" env:"MONGO_URI" default:"${mongo_uri}" help:"URI of MongoDB, which must be a replica set. TLS: add tls=true."`
	MongoDatabase string     `name:"mongo-db" env:"MONGO_DB" help:"Name of the MongoDB database. Empty means: the one in MONGO_URI, otherwise grapevine."`
	RedisURL      redact.URI `name:"redis-url" env:"REDIS_URL" default:"${redis_url}" help:"URL of Redis: redis://, rediss:// for TLS, or redis-sentinel://host1:26379,host2:26379/mymaster. It needs maxmemory-policy noeviction and should have appendonly yes."`
	Certificates  `embed:""`
}

// complete names the database.
func (c *Connections) complete() {
	c.MongoDatabase = cmp.Or(c.MongoDatabase, databaseOf(c.MongoURI), DefaultDatabase)
}

// Config holds the settings of an instance.
type Config struct {
	Connections `embed:""`

	Addr           string        `env:"ADDR" default:"127.0.0.1:8080" help:"Address to listen on."`
	Insecure       bool          `env:"INSECURE" help:"Allow an address other than loopback, although there is no sign-in yet."`
	Roles          []string      `env:"ROLES" default:"api,watcher,worker" help:"What this instance does: api, watcher, worker."`
	CacheTTL       time.Duration `name:"cache-ttl" env:"CACHE_TTL" default:"60s" help:"Longest life of a cached value."`
	MaxStaleness   time.Duration `env:"MAX_STALENESS" default:"5s" help:"Reads bypass the cache while this instance is behind MongoDB by more than this."`
	EventRetention time.Duration `env:"EVENT_RETENTION" default:"1h" help:"How long events are kept. A client that was away no longer than this gets every event."`
	Auth           string        `env:"AUTH" default:"off" enum:"off" help:"Sign-in. Only off exists yet."`
	SMTPURL        redact.URI    `name:"smtp-url" env:"SMTP_URL" help:"Mail server, such as smtp://user:password@host:587. Without one, mail is only logged."`
	MailRate       float64       `env:"MAIL_RATE" default:"20" help:"Mails per second that this instance sends in the long run. Each instance with the role worker has its own limit. 0 means no limit."`
	Welcome        string        `env:"WELCOME" default:"all" enum:"all,api,none" help:"Which new contacts get a welcome mail: all, only those made through the API (api), or none. The others get a row in the collection effects that says so."`

	AllowedHosts     []string      `env:"ALLOWED_HOSTS" help:"Names that requests may have in Host. Empty means: only the names of loopback if ADDR is a loopback address, otherwise any name."`
	Origins          []string      `env:"ORIGINS" help:"Other origins whose pages may write and open sockets, such as https://example.org. * lets every page open sockets, but not write. Empty means none."`
	TrustedProxies   []string      `env:"TRUSTED_PROXIES" help:"Addresses and networks, such as 10.0.0.1 or 10.0.0.0/8, whose X-Forwarded-For is trusted. Empty means none."`
	MaxHeaderBytes   int           `env:"MAX_HEADER_BYTES" default:"32768" help:"Largest headers of one request in bytes; more is answered 431. Raise it if a sign-on proxy adds many cookies. A connection needs this much memory while it sends a request."`
	SocketsPerClient int           `env:"SOCKETS_PER_CLIENT" default:"256" help:"Sockets of one client address at the same time. Raise it if many people share an address, such as an office. 0 means no limit."`
	MaxSockets       int           `env:"MAX_SOCKETS" default:"10000" help:"Sockets of this instance at the same time."`
	Drain            time.Duration `env:"DRAIN" default:"${drain}" help:"After SIGTERM or SIGHUP, requests are served for this long while /readyz answers 503, so that a load balancer sends new requests elsewhere. 0 closes at once."`
	PerClient        float64       `env:"PER_CLIENT" default:"0" help:"Requests per second for each client. 0 means no limit."`
	Concurrency      int           `env:"CONCURRENCY" default:"16" help:"Jobs run at the same time."`
	MaxRetry         int           `env:"MAX_RETRY" default:"10" help:"Retries of a job before it is archived, at least 5."`
	ImportMax        int64         `env:"IMPORT_MAX" default:"268435456" help:"Largest file of an import in bytes. More is answered 413."`
	JobsReadOnly     bool          `env:"JOBS_READ_ONLY" help:"The job dashboard only shows, and changes nothing."`

	Experiments []Experiment `kong:"-"` // what the pipeline page offers to try; none outside of development
}

// complete removes the blanks around the entries of lists, and empty entries.
func (c *Config) complete() {
	for _, list := range []*[]string{&c.Roles, &c.AllowedHosts, &c.Origins, &c.TrustedProxies} {
		var entries []string
		for _, entry := range *list {
			if entry = strings.TrimSpace(entry); entry != "" {
				entries = append(entries, entry)
			}
		}
		*list = entries
	}
	c.Connections.complete()
}

// KeyPrefix is the prefix of the Redis keys of this database.
func (c *Connections) KeyPrefix() string { return grapevine.KeyPrefix(c.MongoDatabase) }

func (c *Config) proxies() []netip.Prefix {
	var found []netip.Prefix
	for _, network := range c.TrustedProxies {
		if prefix, err := parseNetwork(network); err == nil { // Validate accepted it
			found = append(found, prefix)
		}
	}
	return found
}

// parseNetwork reads a network such as 10.0.0.0/8, or one address.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Prefix(addr.BitLen())
	}
	return netip.ParsePrefix(text)
}

// allowedHosts are the names that requests may have in Host. A web page whose name an attacker rebinds to
// a loopback address must not read what a local instance serves.
func (c *Config) allowedHosts() []string {
	host, _, _ := net.SplitHostPort(c.Addr)
	if len(c.AllowedHosts) > 0 || !isLoopback(host) {
		return c.AllowedHosts
	}
	return []string{"localhost", "127.0.0.1", "::1", "[::1]"}
}
