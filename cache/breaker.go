package cache

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	breakAfter = 3                // failures in a row
	breakFor   = time.Second      // before one reader may try again
	quietFor   = 30 * time.Second // between two log lines of one streak
)

// breaker keeps readers from waiting for a Redis that does not answer: after a few failures in a row
// they go to MongoDB at once, and one of them a second tries Redis again.
type breaker struct {
	logger *slog.Logger
	now    func() time.Time

	streak atomic.Int64 // failures in a row; 0 is the fast path
	mu     sync.Mutex
	since  time.Time // first failure of the streak
	retry  time.Time // when the next reader may try; zero: closed
	logged time.Time
}

// allow reports whether to ask Redis at all. Whoever is allowed says how it went: ok or failed.
func (b *breaker) allow() bool {
	if b.streak.Load() < breakAfter {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Before(b.retry) {
		return false
	}
	b.retry = now.Add(breakFor)
	return true
}

func (b *breaker) ok() {
	if b.streak.Load() == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.logged.IsZero() {
		b.logger.Info("redis answers the cache again", "failures", b.streak.Load(), "after", b.now().Sub(b.since).Round(time.Millisecond))
	}
	b.streak.Store(0)
	b.since, b.retry, b.logged = time.Time{}, time.Time{}, time.Time{}
}

func (b *breaker) failed(err error) {
	if errors.Is(err, redis.ErrPoolTimeout) {
		return // says that there are many readers, not that Redis is silent
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.streak.Add(1) == 1 {
		b.since = now
	}
	b.retry = now.Add(breakFor)
	if b.logged.IsZero() || now.Sub(b.logged) >= quietFor {
		b.logged = now
		b.logger.Warn("redis does not answer the cache; reads go to mongodb", "failures", b.streak.Load(), "error", err)
	}
}

// report judges the outcome of a call made under the asker's ctx.
func (b *breaker) report(ctx context.Context, err error) {
	var said redis.Error
	switch {
	case err == nil, errors.As(err, &said):
		b.ok() // an error of the server is an answer too, and a fast one
	case ctx.Err() != nil: // the asker left; that says nothing about Redis
	default:
		b.failed(err)
	}
}
