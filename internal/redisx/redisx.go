// Package redisx makes the options of Redis clients. An instance has three clients, because they fail in
// different ways: a queue may wait and retry, a cache must not, and a blocked read occupies its connection.
package redisx

import (
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Parse reads a redis://, rediss:// or unix:// URL. Calls are bounded by their context, and go-redis'
// retries stay on: use it for writes that are idempotent. Maintenance notifications are off, because each
// connection would otherwise cost failed commands.
func Parse(url string) (*redis.Options, error) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	opts.ContextTimeoutEnabled = true // without it go-redis ignores deadlines
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return opts, nil
}

// ForCache reads a URL into options for a cache-aside cache. Nothing is retried and dialling is short: a
// read falls back to MongoDB, and the watcher repeats a failed invalidation. Values that the URL sets
// itself (pool_size, read_timeout, …) are kept.
func ForCache(url string) (*redis.Options, error) {
	opts, err := Parse(url)
	if err != nil {
		return nil, err
	}
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
	return opts, nil
}

// ForFollower copies options for a client whose reads block. Its pool is small and its own, so that blocked
// reads never take a connection from others. Nothing is retried: the follower checks its position first.
func ForFollower(base *redis.Options) *redis.Options {
	opts := *base
	opts.PoolSize, opts.MinIdleConns, opts.MaxIdleConns, opts.MaxActiveConns = 8, 0, 0, 0
	opts.MaxRetries = -1
	opts.ContextTimeoutEnabled = true // otherwise a hung Redis holds a read for its block time and 10 s
	return &opts
}
