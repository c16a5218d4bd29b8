package cache

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine/internal/retry"
)

const (
	breakerFailures = 3                // failures in a row that open the breaker
	breakerDelay    = time.Second      // between two tries of an open breaker
	breakerLogEvery = 30 * time.Second // between two warnings
)

// breaker is a circuit breaker. It keeps readers from waiting for a Redis that does not answer: after a few
// failures in a row they go to MongoDB at once, and one reader a second tries Redis again.
type breaker struct {
	now func() time.Time
	log retry.FailureLog

	failures atomic.Int64 // in a row; 0 is the fast path
	mu       sync.Mutex
	retryAt  time.Time // when the next reader may try; zero while closed
}

func newBreaker(logger *slog.Logger) *breaker {
	return &breaker{now: time.Now, log: retry.FailureLog{
		Logger: logger, Every: breakerLogEvery,
		Failed:    "Redis does not answer the cache; reads go to MongoDB",
		Recovered: "Redis answers the cache again",
	}}
}

// allow reports whether to ask Redis. The caller then has to report the outcome.
func (b *breaker) allow() bool {
	if b.failures.Load() < breakerFailures {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Before(b.retryAt) {
		return false
	}
	b.retryAt = now.Add(breakerDelay)
	return true
}

// report counts the outcome of a call that was made under the caller's ctx.
func (b *breaker) report(ctx context.Context, err error) {
	var answer redis.Error
	switch {
	case err == nil, errors.As(err, &answer):
		b.success() // an error from the server is an answer too, and a fast one
	case ctx.Err() != nil: // the caller gave up, which says nothing about Redis
	case errors.Is(err, redis.ErrPoolTimeout): // there are many readers, which says nothing about Redis
	default:
		b.failure(err)
	}
}

func (b *breaker) success() {
	if b.failures.Load() == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures.Store(0)
	b.retryAt = time.Time{}
	b.log.Success()
}

func (b *breaker) failure(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures.Add(1)
	b.retryAt = b.now().Add(breakerDelay)
	b.log.Failure(err)
}
