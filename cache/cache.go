// Package cache serves reads from Redis and invalidates what changed.
//
// It is cache-aside with leases. A reader that misses gets the scope's lease, loads from MongoDB, and may store
// the value only while that lease is in place. The watcher's [Cache.Apply] invalidates a scope by deleting it
// together with its lease, so the old value of a slow reader is dropped.
package cache

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"grapevine"
	"grapevine/cache/rollback"
	"grapevine/internal/redisx"
	"grapevine/internal/retry"
)

// Cache is safe for concurrent use. Any number of instances may share one Redis and one prefix.
type Cache struct {
	cfg         Config
	rdb         *redis.Client
	prefix      string // of the scopes
	epochKey    string
	positionKey string
	flight      singleflight.Group
	rollback    *rollback.Detector
	breaker     *breaker
	badKey      retry.Limiter
	count       counters
}

// New makes a cache on a client made with CacheClient of redisx.Server. The error names the fields of cfg that cannot work.
// New panics if the metrics are registered already.
func New(rdb *redis.Client, cfg Config) (*Cache, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	prefix := cfg.Prefix + grapevine.KeyCache
	c := &Cache{
		cfg: cfg, rdb: rdb, prefix: prefix, epochKey: prefix + "epoch", positionKey: prefix + "at",
		breaker: newBreaker(cfg.Logger),
		// One second more than the TTL, because Redis measures it with its own clock.
		rollback: rollback.New(cfg.TTL+time.Second, cfg.Logger),
	}
	if !rdb.Options().ContextTimeoutEnabled {
		cfg.Logger.Warn("the cache's Redis client ignores deadlines: make it with CacheClient of redisx.Server, or reads hang with Redis")
	}
	if cfg.Registerer != nil {
		cfg.Registerer.MustRegister(collector{c})
	}
	return c, nil
}

// Load reads a value from MongoDB: on the primary, with majority concern, causally after the given position
// (zero asks for none). The result must depend on nothing but the contacts of the scope.
type Load = func(ctx context.Context, after grapevine.Position) ([]byte, error)

// Fetch returns the value of field in scope (grapevine.ContactScope or WorkspaceScope), from Redis or by load.
// A nil or empty value is cached like any other, so it can stand for an absent contact.
// The value is shared with other readers
// and must not be changed.
//
// The error is load's own, or ctx's. An unavailable Redis is never an error. After a miss, one load serves all
// readers with the same lease. It runs under a context of its own and may go on after Fetch returned, so it must
// hold nothing that belongs to the request. On a bypass, load runs under ctx and serves this caller only. Without a
// lease, a load that already runs may have begun before the changes that this caller knows of.
//
// The caller bounds the length and the number of distinct fields it asks for.
func (c *Cache) Fetch(ctx context.Context, scope, field string, load Load) (value []byte, status grapevine.CacheStatus, err error) {
	if !c.breaker.allow() {
		return c.bypass(ctx, load)
	}
	snapshot := c.rollback.Snapshot()
	got, err := c.get(ctx, scope, field)
	c.breaker.report(ctx, err)
	if err != nil {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		c.logBypass(scope, err)
		return c.bypass(ctx, load)
	}
	if !c.rollback.Accept(snapshot, got.version, time.Now()) {
		return c.bypass(ctx, load)
	}
	if got.hit {
		c.count.hits.Add(1)
		return got.value, grapevine.CacheHit, nil
	}
	c.count.misses.Add(1)
	return c.loadShared(ctx, scope, field, got, load)
}

func (c *Cache) bypass(ctx context.Context, load Load) ([]byte, grapevine.CacheStatus, error) {
	c.count.bypassed.Add(1)
	value, err := load(ctx, grapevine.Position{})
	return value, grapevine.CacheBypass, err
}

// logBypass logs at the debug level, except for a key of another type, which only a person can repair.
func (c *Cache) logBypass(scope string, err error) {
	if !redisx.IsWrongType(err) {
		c.cfg.Logger.Debug("cache bypassed", "scope", scope, "err", err)
		return
	}
	if n, ok := c.badKey.Allow(); ok {
		c.cfg.Logger.Error("the cache cannot use one of its keys; reads go to MongoDB",
			"err", redisx.NameKeys(err, c.scopeKey(scope), c.epochKey, c.positionKey), "reads", n)
	}
}

type loadResult struct {
	value  []byte
	status grapevine.CacheStatus
}

// loadShared lets readers that missed with the same lease wait for one load. The lease is part of the key: a
// reader that misses after an invalidation must not get a value that was loaded before it.
func (c *Cache) loadShared(ctx context.Context, scope, field string, got getReply, load Load) ([]byte, grapevine.CacheStatus, error) {
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
		l := r.Val.(loadResult)
		return l.value, l.status, nil
	}
}

// loadAndFill serves all waiting readers, so the context of none of them may end it. It recovers from a panic,
// because it runs in a goroutine that no handler's recover covers.
func (c *Cache) loadAndFill(scope, field string, got getReply, load Load) (l loadResult, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Logger.Error("a read for the cache ended in a panic; please report the stack as a bug", "scope", scope, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the read of %s for the cache ended in a panic", scope)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.LoadTimeout)
	defer cancel()
	value, err := load(ctx, got.version.Position)
	if err != nil {
		return loadResult{}, err
	}
	return loadResult{value, c.fill(scope, field, got.lease, value)}, nil
}

// fill puts a loaded value into Redis if the lease is still in place and there is room.
func (c *Cache) fill(scope, field, lease string, value []byte) grapevine.CacheStatus {
	if len(value) > c.cfg.MaxValue {
		c.count.tooLarge.Add(1)
		return grapevine.CacheMiss
	}
	if !c.breaker.allow() {
		return grapevine.CacheMiss
	}
	ctx := context.Background()
	outcome, err := c.runFill(ctx, scope, field, lease, value)
	c.breaker.report(ctx, err)
	switch {
	case err != nil:
		c.count.failed.Add(1)
		c.cfg.Logger.Debug("value not cached", "scope", scope, "err", err)
		return grapevine.CacheMiss
	case outcome == outcomeStored:
		c.count.stored.Add(1)
		return grapevine.CacheStored
	case outcome == outcomeFull:
		c.count.full.Add(1)
		return grapevine.CacheMiss
	}
	c.count.refused.Add(1)
	return grapevine.CacheMiss
}
