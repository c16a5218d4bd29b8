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

func newBreaker() (*breaker, *time.Time) {
	now := time.Unix(1_000_000, 0)
	return &breaker{logger: slog.New(slog.DiscardHandler), now: func() time.Time { return now }}, &now
}

func TestBreakerOpensAfterThreeFailuresInARow(t *testing.T) {
	b, _ := newBreaker()
	for range 10 {
		b.failed(errSilent)
		b.failed(errSilent)
		require.True(t, b.allow())
		b.ok()
	}
	b.failed(errSilent)
	b.failed(errSilent)
	b.failed(errSilent)
	require.False(t, b.allow())
}

func TestOpenBreakerLetsOneReaderTryEachSecond(t *testing.T) {
	b, now := newBreaker()
	for range breakAfter {
		b.failed(errSilent)
	}
	for range 5 {
		*now = now.Add(breakFor - time.Millisecond)
		require.False(t, b.allow())
		*now = now.Add(time.Millisecond)
		require.True(t, b.allow())
		require.False(t, b.allow(), "only one")
		b.failed(errSilent)
	}
	*now = now.Add(breakFor)
	require.True(t, b.allow())
	b.ok()
	require.True(t, b.allow())
	require.True(t, b.allow())
}

// A probe whose asker went away says nothing; the next second's may.
func TestAProbeThatIsAbandonedKeepsTheBreakerOpen(t *testing.T) {
	b, now := newBreaker()
	for range breakAfter {
		b.failed(errSilent)
	}
	*now = now.Add(breakFor)
	require.True(t, b.allow())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	b.report(gone, context.Canceled)
	require.False(t, b.allow())
	*now = now.Add(breakFor)
	require.True(t, b.allow())
}

func TestWhatIsNoFailureOfRedis(t *testing.T) {
	b, _ := newBreaker()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		b.report(gone, errSilent)
		b.report(t.Context(), redis.ErrPoolTimeout)
		b.report(t.Context(), redis.Nil)
	}
	require.True(t, b.allow())
	require.Zero(t, b.streak.Load())
}
