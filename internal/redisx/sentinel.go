package redisx

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"
)

// sentinel is what a URL says about Sentinels:
//
//	redis-sentinel://user:password@sentinel1:26379,sentinel2:26379/mymaster/0
//
// User and password are those of Redis, the last number is the database. The options sentinel_username and
// sentinel_password are for the Sentinels themselves. rediss-sentinel:// uses TLS for both.
type sentinel struct {
	master, user, password string
	addrs                  []string
}

const sentinelPort = "26379"

// parseSentinel takes what concerns Sentinels out of a URL. The rest is the URL of a single Redis. The result is nil for
// any other URL.
func parseSentinel(address string) (*sentinel, string, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	scheme, isSentinel := strings.CutSuffix(scheme, "-sentinel")
	if !isSentinel {
		return nil, address, nil
	}
	rest, query, _ := strings.Cut(rest, "?")
	options, err := url.ParseQuery(query)
	if err != nil {
		return nil, "", errors.New("the options after ? cannot be read")
	}
	s := &sentinel{user: options.Get("sentinel_username"), password: options.Get("sentinel_password")}
	options.Del("sentinel_username")
	options.Del("sentinel_password")
	authority, path, _ := strings.Cut(rest, "/")
	at := strings.LastIndex(authority, "@") + 1
	credentials, hosts := authority[:at], authority[at:]
	master, database, _ := strings.Cut(path, "/")
	if s.master, err = url.PathUnescape(master); err != nil || s.master == "" {
		return nil, "", errors.New("name the primary as Sentinel knows it behind the addresses, such as redis-sentinel://sentinel1:26379,sentinel2:26379/mymaster")
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if host == "" {
			return nil, "", errors.New("the address of a Sentinel is missing")
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), sentinelPort)
		}
		s.addrs = append(s.addrs, host)
	}
	return s, scheme + "://" + credentials + s.addrs[0] + "/" + database + "?" + options.Encode(), nil
}

// options are the options of a client that asks the Sentinels for the primary.
func (s *sentinel) options(o *redis.Options) *redis.FailoverOptions {
	config := o.TLSConfig
	if config != nil {
		config = config.Clone()
		config.ServerName = "" // go-redis takes the name of the server that it dials
	}
	return &redis.FailoverOptions{
		MasterName: s.master, SentinelAddrs: s.addrs, SentinelUsername: s.user, SentinelPassword: s.password,
		Username: o.Username, Password: o.Password, DB: o.DB, Protocol: o.Protocol, ClientName: o.ClientName, TLSConfig: config,
		MaxRetries: o.MaxRetries, MinRetryBackoff: o.MinRetryBackoff, MaxRetryBackoff: o.MaxRetryBackoff,
		DialTimeout: o.DialTimeout, DialerRetries: o.DialerRetries, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		ContextTimeoutEnabled: o.ContextTimeoutEnabled, PoolFIFO: o.PoolFIFO, PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout,
		PipelinePoolSize: o.PipelinePoolSize, PipelineReadBufferSize: o.PipelineReadBufferSize, PipelineWriteBufferSize: o.PipelineWriteBufferSize,
		MinIdleConns: o.MinIdleConns, MaxIdleConns: o.MaxIdleConns, MaxActiveConns: o.MaxActiveConns, MaxConcurrentDials: o.MaxConcurrentDials,
		ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime, ConnMaxLifetimeJitter: o.ConnMaxLifetimeJitter,
	}
}
