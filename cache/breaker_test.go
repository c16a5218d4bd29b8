package cache

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

var errSilent = errors.New("i/o timeout")

func newTestBreaker() (*breaker, *time.Time) {
	now := time.Unix(1_000_000, 0)
	b := newBreaker(slog.New(slog.DiscardHandler))
	b.now = func() time.Time { return now }
	return b, &now
}

func TestBreakerOpensAfterThreeFailuresInARow(t *testing.T) {
	b, _ := newTestBreaker()
	for range 10 {
		b.failure(errSilent)
		b.failure(errSilent)
		require.True(t, b.allow())
		b.success()
	}
	b.failure(errSilent)
	b.failure(errSilent)
	b.failure(errSilent)
	require.False(t, b.allow())
}

func TestOpenBreakerLetsOneReaderTryEachSecond(t *testing.T) {
	b, now := newTestBreaker()
	for range breakerFailures {
		b.failure(errSilent)
	}
	for range 5 {
		*now = now.Add(breakerDelay - time.Millisecond)
		require.False(t, b.allow())
		*now = now.Add(time.Millisecond)
		require.True(t, b.allow())
		require.False(t, b.allow(), "only one reader")
		b.failure(errSilent)
	}
	*now = now.Add(breakerDelay)
	require.True(t, b.allow())
	b.success()
	require.True(t, b.allow())
	require.True(t, b.allow())
}

// A probe whose caller gave up says nothing about Redis. The next second's probe may.
func TestAProbeThatIsAbandonedKeepsTheBreakerOpen(t *testing.T) {
	b, now := newTestBreaker()
	for range breakerFailures {
		b.failure(errSilent)
	}
	*now = now.Add(breakerDelay)
	require.True(t, b.allow())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	b.report(gone, context.Canceled)
	require.False(t, b.allow())
	*now = now.Add(breakerDelay)
	require.True(t, b.allow())
}

func TestErrorsThatAreNoFailureOfRedis(t *testing.T) {
	b, _ := newTestBreaker()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		b.report(gone, errSilent)
		b.report(t.Context(), redis.ErrPoolTimeout)
		b.report(t.Context(), redis.Nil)
	}
	require.True(t, b.allow())
	require.Zero(t, b.failures.Load())
}
