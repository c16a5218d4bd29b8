package access

import (
	"time"

	"grapevine"
	"grapevine/internal/retry"
)

// following is the part of an [Access] that finds principals and follows the documents behind them.
type following struct {
	times        timing
	proof        proof
	held         held
	reads        reads
	mongo        breaker
	sessionCache sessionCache
	lookUps      lookUps
	follows      follows
	touches      touches
	metrics      *metrics
	unfitLog     retry.Limiter
	refusalLog   retry.Limiter
}

func (a *Access) initFollowing(times timing) {
	a.times = times
	a.proof.now, a.proof.fresh = monotonic, times.fresh
	a.proof.answered.Store(int64(longAgo))
	a.held = newHeld(&a.proof, times.memory)
	a.mongo.setUp(1, a.cfg.Logger, "MongoDB does not say who may do what; who was proven within the last minute goes on reading",
		"MongoDB says again who may do what")
	cache := &a.sessionCache
	cache.redis, cache.prefix = a.cfg.Redis, a.cfg.Prefix+grapevine.KeySession
	cache.ttl, cache.timeout, cache.stores = times.memory, times.redis, make(chan cachedSession, maxStores)
	a.sessionCache.breaker.setUp(3, a.cfg.Logger, "Redis does not answer for sessions; they are read from MongoDB",
		"Redis answers for sessions again")
	a.follows = newFollows()
	a.touches = make(touches, maxTouches)
	a.metrics = newMetrics(a)
}

// Answered is how long ago the change stream gave its last answer that counts. ok is false while no stream is open: then
// each request reads MongoDB.
func (a *Access) Answered() (ago time.Duration, ok bool) {
	return a.proof.now() - a.proof.lastAnswer(), a.proof.stream.Load() != 0
}
