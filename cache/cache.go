// Package cache serves reads from Redis and forgets what changed.
//
// It is cache-aside with leases: who misses gets the scope's lease, loads from MongoDB, and may fill
// only while that lease still stands. The watcher's [Cache.Apply] forgets a scope by removing it,
// lease and all, so a slow reader's old value is dropped instead of outliving the change.
package cache

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"grapevine"
)

// What a read says of itself, as the parameters of Cache-Status (RFC 9211).
const (
	statusHit    = "hit"
	statusStored = "fwd=miss; stored"
	statusMiss   = "fwd=miss"
	statusBypass = "fwd=bypass"
)

// Cache is safe for concurrent use. Any number of instances may share one Redis and one prefix.
type Cache struct {
	cfg      Config
	rdb      *redis.Client
	prefix   string // of the scopes
	epochKey string
	atKey    string
	flight   singleflight.Group
	guard    guard
	breaker  breaker
	count    counters
}

// New makes a cache on a client made with [Options]. It panics if the metrics are registered already.
func New(rdb *redis.Client, cfg Config) *Cache {
	cfg = cfg.withDefaults()
	prefix := cfg.Prefix + "cache:"
	c := &Cache{
		cfg: cfg, rdb: rdb, prefix: prefix, epochKey: prefix + "epoch", atKey: prefix + "at",
		breaker: breaker{logger: cfg.Logger, now: time.Now},
		// A second more, because Redis counts a TTL by its own clock.
		guard: guard{patience: cfg.TTL + time.Second, logger: cfg.Logger},
	}
	if !rdb.Options().ContextTimeoutEnabled {
		cfg.Logger.Warn("the cache's redis client ignores deadlines: make it with redisx.ForCache, or reads hang with redis")
	}
	if cfg.Registerer != nil {
		cfg.Registerer.MustRegister(collector{c})
	}
	return c
}

// Load reads a value from MongoDB: on the primary, with majority concern, causally after the given
// position (zero: no such demand). Its result depends on nothing but the contacts of the scope.
type Load = func(ctx context.Context, after grapevine.Position) ([]byte, error)

// Fetch returns the value of field in scope ("contact:<id>" or "workspace:<id>"), from Redis or by
// load. A nil or empty value is a value: that is how an absence is cached. The value is shared with
// other readers: nobody alters it.
//
// status says what happened: "hit"; "fwd=miss; stored"; "fwd=miss" for a value that was not kept
// (the scope was forgotten meanwhile, or is full, or the value is too large); "fwd=bypass" when Redis
// did not answer in time, or has lost its tail.
//
// The error is load's own, or ctx's. Redis being away is never an error. After a miss load serves all
// who missed with the same lease, so it runs under a context of its own and may go on after Fetch
// returned: it must hold nothing that belongs to the request. On a bypass it runs under ctx, for this
// caller alone: without a lease nothing shows that a load already under way began after the change
// that this caller has heard of.
//
// The caller bounds the length and the number of distinct fields it asks for.
func (c *Cache) Fetch(ctx context.Context, scope, field string, load Load) (value []byte, status string, err error) {
	if !c.breaker.allow() {
		return c.bypass(ctx, load)
	}
	before := c.guard.before()
	got, err := c.get(ctx, scope, field)
	c.breaker.report(ctx, err)
	if err != nil {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		c.cfg.Logger.Debug("cache bypassed", "scope", scope, "error", err)
		return c.bypass(ctx, load)
	}
	if !c.guard.trust(before, got.standing, time.Now()) {
		return c.bypass(ctx, load)
	}
	if got.hit {
		c.count.hits.Add(1)
		return got.value, statusHit, nil
	}
	c.count.misses.Add(1)
	return c.share(ctx, scope, field, got, load)
}

func (c *Cache) bypass(ctx context.Context, load Load) ([]byte, string, error) {
	c.count.bypassed.Add(1)
	value, err := load(ctx, grapevine.Position{})
	return value, statusBypass, err
}

type loaded struct {
	value  []byte
	status string
}

// share lets those who missed with the same lease wait for one load. Without the lease in the key,
// one who missed after an invalidation would be given a value that was read before it.
func (c *Cache) share(ctx context.Context, scope, field string, got answer, load Load) ([]byte, string, error) {
	done := c.flight.DoChan(scope+"\x00"+got.lease+"\x00"+field, func() (any, error) {
		return c.loadAndFill(scope, field, got, load)
	})
	select {
	case <-ctx.Done():
		return nil, "", ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return nil, "", r.Err
		}
		l := r.Val.(loaded)
		return l.value, l.status, nil
	}
}

// loadAndFill runs for all who wait, so none of their contexts may end it, and it is in a goroutine
// no handler's recover covers.
func (c *Cache) loadAndFill(scope, field string, got answer, load Load) (l loaded, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Logger.Error("load panicked", "scope", scope, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("load of %s panicked", scope)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.LoadTimeout)
	defer cancel()
	value, err := load(ctx, got.at)
	if err != nil {
		return loaded{}, err
	}
	return loaded{value, c.keep(scope, field, got.lease, value)}, nil
}

func (c *Cache) keep(scope, field, lease string, value []byte) string {
	if len(value) > c.cfg.MaxValue {
		c.count.tooLarge.Add(1)
		return statusMiss
	}
	if !c.breaker.allow() {
		return statusMiss
	}
	ctx := context.Background()
	outcome, err := c.fill(ctx, scope, field, lease, value)
	c.breaker.report(ctx, err)
	switch {
	case err != nil:
		c.count.failed.Add(1)
		c.cfg.Logger.Debug("cache not filled", "scope", scope, "error", err)
		return statusMiss
	case outcome == "stored":
		c.count.stored.Add(1)
		return statusStored
	case outcome == "full":
		c.count.full.Add(1)
		return statusMiss
	}
	c.count.refused.Add(1)
	return statusMiss
}
