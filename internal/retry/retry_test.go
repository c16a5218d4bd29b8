package retry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"grapevine/internal/retry"
)

func TestBackoffDoublesUpToItsMaximum(t *testing.T) {
	b := retry.Backoff{First: 10 * time.Millisecond, Max: 40 * time.Millisecond}
	for _, ms := range []int{10, 20, 40, 40, 40} {
		d, longest := b.Next(), time.Duration(ms)*time.Millisecond
		assert.LessOrEqual(t, d, longest)
		assert.GreaterOrEqual(t, d, longest/2-1)
	}
	assert.Equal(t, 5, b.Failures())
	b.Reset()
	assert.LessOrEqual(t, b.Next(), 10*time.Millisecond)
	for range 100 {
		assert.Positive(t, b.Next(), "a long run of failures does not overflow")
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	require.NoError(t, retry.Sleep(t.Context(), time.Millisecond))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, retry.Sleep(ctx, time.Hour), context.Canceled)
}

func TestLimiterLetsOneLineThroughEachInterval(t *testing.T) {
	var l retry.Limiter
	n, ok := l.Allow()
	assert.Equal(t, 1, n)
	assert.True(t, ok)
	_, ok = l.Allow()
	assert.False(t, ok)

	often := retry.Limiter{Every: time.Nanosecond}
	for range 3 {
		n, ok = often.Allow()
		assert.Equal(t, 1, n)
		assert.True(t, ok)
	}
}

func TestLogWarnsOnceAndTellsOfTheRecovery(t *testing.T) {
	var out bytes.Buffer
	l := retry.FailureLog{Logger: slog.New(slog.NewTextHandler(&out, nil)), Failed: "cannot reach it", Recovered: "reached it again"}
	l.Success()
	assert.Empty(t, out.String(), "no recovery without a failure")
	l.Failure(errors.New("refused"), "part", "x")
	l.Failure(errors.New("refused"))
	assert.Equal(t, 1, strings.Count(out.String(), "cannot reach it"))
	l.Success()
	assert.Equal(t, 1, strings.Count(out.String(), "reached it again"))
	assert.Contains(t, out.String(), "failures=2")
}

func TestLogCanPassOverShortFailures(t *testing.T) {
	var out bytes.Buffer
	l := retry.FailureLog{Logger: slog.New(slog.NewTextHandler(&out, nil)), Failed: "cannot reach it", Recovered: "reached it again", Patience: time.Hour}
	l.Failure(errors.New("refused"))
	l.Failure(errors.New("refused"))
	l.Success()
	assert.Empty(t, out.String())
	l.Failure(errors.New("refused"))
	l.Patience = time.Nanosecond
	l.Failure(errors.New("refused"))
	assert.Equal(t, 1, strings.Count(out.String(), "cannot reach it"))
	assert.Contains(t, out.String(), "failures=2", "every failure is counted")
}

func TestLogIsLimitedWithinARunOfFailures(t *testing.T) {
	var out bytes.Buffer
	lines := func() int { return strings.Count(out.String(), "cannot reach it") }
	l := retry.FailureLog{Logger: slog.New(slog.NewTextHandler(&out, nil)), Failed: "cannot reach it", Every: time.Hour}
	for range 502 {
		l.Failure(errors.New("refused"))
	}
	assert.Equal(t, 1, lines())
	l.Every = time.Nanosecond
	l.Failure(errors.New("refused"))
	assert.Equal(t, 2, lines())
	assert.Contains(t, out.String(), "failures=503", "every failure is counted")
	l.Every = time.Hour
	l.Success()
	l.Failure(errors.New("refused"))
	assert.Equal(t, 3, lines(), "a new run of failures is logged at once")
}
