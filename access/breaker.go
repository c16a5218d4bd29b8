package access

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"grapevine/internal/retry"
)

// breaker is a circuit breaker. It keeps requests from waiting for a server that does not answer: after some failures in a
// row they go on without it, and one of them at a time tries it again.
type breaker struct {
	failuresToOpen int64
	log            retry.FailureLog

	failures atomic.Int64 // in a row; 0 is the fast path
	mu       sync.Mutex
	retryAt  time.Time
}

// breakerDelay is the time between two tries of an open breaker.
const breakerDelay = time.Second

func (b *breaker) setUp(failuresToOpen int64, logger *slog.Logger, failed, recovered string) {
	b.failuresToOpen = failuresToOpen
	b.log.Logger, b.log.Failed, b.log.Recovered = logger, failed, recovered
}

// allow reports whether to ask the server. The caller then has to report success or failure, unless it gave up itself.
func (b *breaker) allow() bool {
	if b.failures.Load() < b.failuresToOpen {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Before(b.retryAt) {
		return false
	}
	b.retryAt = now.Add(breakerDelay)
	return true
}

func (b *breaker) success() {
	if b.failures.Load() == 0 {
		return
	}
	b.failures.Store(0)
	b.log.Success()
}

func (b *breaker) failure(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures.Add(1)
	b.retryAt = time.Now().Add(breakerDelay)
	b.log.Failure(err)
}
