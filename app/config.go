package app

import (
	"net"
	"net/netip"
	"time"

	"grapevine"
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
)

// Connections are the addresses of MongoDB and Redis.
//
// kong reads the tags of this struct and of [Config]: each field is a flag and an environment variable,
// and its help is its documentation. kong sets the defaults. Validate refuses a zero value, unless the help of the
// field gives the meaning of zero.
type Connections struct {
	MongoURI      string `name:"mongo-uri" env:"MONGO_URI" default:"${mongo_uri}" help:"URI of MongoDB, which must be a replica set."`
	MongoDatabase string `name:"mongo-db" env:"MONGO_DB" default:"grapevine" help:"Name of the MongoDB database."`
	RedisURL      string `name:"redis-url" env:"REDIS_URL" default:"${redis_url}" help:"URL of Redis. It needs maxmemory-policy noeviction and should have appendonly yes."`
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
	SMTPURL        string        `name:"smtp-url" env:"SMTP_URL" help:"Mail server, such as smtp://user:password@host:587. Without one, mail is only logged."`

	AllowedHosts   []string `env:"ALLOWED_HOSTS" help:"Names that requests may have in Host. Empty means: only the names of loopback if ADDR is a loopback address, otherwise any name."`
	Origins        []string `env:"ORIGINS" help:"Other origins whose pages may open sockets. Empty means none."`
	TrustedProxies []string `env:"TRUSTED_PROXIES" help:"Networks, such as 10.0.0.0/8, whose X-Forwarded-For is trusted. Empty means none."`
	PerClient      float64  `env:"PER_CLIENT" default:"0" help:"Requests per second for each client. 0 means no limit."`
	Concurrency    int      `env:"CONCURRENCY" default:"16" help:"Jobs run at the same time."`
	MaxRetry       int      `env:"MAX_RETRY" default:"10" help:"Retries of a job before it is archived, at least 5."`
	JobsReadOnly   bool     `env:"JOBS_READ_ONLY" help:"The job dashboard only shows, and changes nothing."`
}

// KeyPrefix is the prefix of the Redis keys of this database.
func (c *Connections) KeyPrefix() string { return grapevine.KeyPrefix(c.MongoDatabase) }

func (c *Config) proxies() []netip.Prefix {
	var found []netip.Prefix
	for _, network := range c.TrustedProxies {
		found = append(found, netip.MustParsePrefix(network)) // Validate accepted it
	}
	return found
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
