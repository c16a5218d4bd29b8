// Package redisx makes Redis clients. An instance has three clients, because they fail in different ways: a queue may
// wait and retry, a cache must not, and a blocked read occupies its connection.
package redisx

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Server is one Redis, as a URL names it, or the primary that Sentinels name.
type Server struct {
	options  *redis.Options
	sentinel *sentinel // nil without Sentinels
}

// Parse reads a redis://, rediss:// or unix:// URL, or a redis-sentinel:// one (see [sentinel]). Values that the URL sets
// itself (pool_size, read_timeout, …) are kept.
func Parse(address string) (*Server, error) {
	sentinel, address, err := parseSentinel(address)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		if unreadable, ok := errors.AsType[*url.Error](err); ok {
			err = unreadable.Err // without the whole URL
		}
		return nil, err
	}
	if u, err := url.Parse(address); err == nil && u.Port() != "" {
		if _, err := strconv.ParseUint(u.Port(), 10, 16); err != nil {
			return nil, fmt.Errorf("%s is not a port", u.Port())
		}
	}
	return &Server{options, sentinel}, nil
}

// TLSConfig is the configuration of the clients that are made later, for the caller to change. It is nil for a server
// that is reached without TLS.
func (s *Server) TLSConfig() *tls.Config { return s.options.TLSConfig }

// Addr is the address of the server, or of the first Sentinel.
func (s *Server) Addr() string {
	if s.sentinel != nil {
		return s.sentinel.addrs[0]
	}
	return s.options.Addr
}

// Network is tcp or unix.
func (s *Server) Network() string { return s.options.Network }

// Client makes a client whose calls are bounded by their context, and which retries: use it for writes that are
// idempotent.
func (s *Server) Client() *redis.Client { return s.client(func(*redis.Options) {}) }

// CacheClient makes a client for a cache-aside cache. Nothing is retried and dialling is short: a read falls back to
// MongoDB, and the watcher repeats a failed invalidation.
func (s *Server) CacheClient() *redis.Client { return s.client(forCache) }

// FollowerClient makes a client whose reads block. Its pool is small and its own, so that blocked reads never take a
// connection from others. Nothing is retried: the follower checks its position first.
func (s *Server) FollowerClient() *redis.Client {
	return s.client(func(opts *redis.Options) { *opts = *ForFollower(opts) })
}

func (s *Server) client(change func(*redis.Options)) *redis.Client {
	opts := *s.options
	opts.ContextTimeoutEnabled = true // without it go-redis ignores deadlines
	// Maintenance notifications would cost each connection failed commands.
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	change(&opts)
	if s.sentinel != nil {
		return redis.NewFailoverClient(s.sentinel.options(&opts))
	}
	return redis.NewClient(&opts)
}

func forCache(opts *redis.Options) {
	opts.MaxRetries = -1
	opts.DialerRetries = 1
	for field, standard := range map[*time.Duration]time.Duration{
		&opts.ReadTimeout:  2 * time.Second, // for invalidations; a read has its own, shorter deadline
		&opts.WriteTimeout: 2 * time.Second,
		&opts.DialTimeout:  100 * time.Millisecond,
		&opts.PoolTimeout:  80 * time.Millisecond,
	} {
		if *field == 0 {
			*field = standard
		}
	}
	if opts.PoolSize == 0 {
		opts.PoolSize = 64
	}
}

// ForFollower copies options for a client like [Server.FollowerClient].
func ForFollower(base *redis.Options) *redis.Options {
	opts := *base
	opts.PoolSize, opts.MinIdleConns, opts.MaxIdleConns, opts.MaxActiveConns = 8, 0, 0, 0
	opts.MaxRetries = -1
	opts.ContextTimeoutEnabled = true // otherwise a hung Redis holds a read for its block time and 10 s
	return &opts
}
