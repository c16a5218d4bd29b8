package jobs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"grapevine/ledger"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestBackoffGrowsToItsCapWithJitter(t *testing.T) {
	for n, longest := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 10: 10 * time.Minute, 1000: 10 * time.Minute,
	} {
		seen := map[time.Duration]bool{}
		for range 100 {
			d := backoff(n)
			require.LessOrEqual(t, d, longest)
			require.GreaterOrEqual(t, d, longest/2)
			seen[d] = true
		}
		require.Greater(t, len(seen), 50, "tasks that failed together do not run again together")
	}
}

func TestDeferredRunsWaitAShortTime(t *testing.T) {
	w := &Worker{cfg: WorkerConfig{}.withDefaults()}
	require.Equal(t, 2*time.Second, w.retryDelay(9, errNotYet))
	require.Equal(t, time.Second, w.retryDelay(9, &ledger.HeldError{Until: time.Now().Add(-time.Hour)}))
	require.Equal(t, time.Minute, w.retryDelay(9, &ledger.HeldError{Until: time.Now().Add(time.Hour)}))
	require.Greater(t, w.retryDelay(9, errors.New("x")), time.Minute)
	require.LessOrEqual(t, w.retryDelay(9, &unavailableError{errors.New("x")}), 8*time.Second)
}

func TestDeferReasons(t *testing.T) {
	for want, err := range map[string]error{
		"not-yet":     fmt.Errorf("x: %w", errNotYet),
		"busy":        &ledger.HeldError{},
		"unavailable": classify(&grapevine.Error{Code: grapevine.Unavailable}),
		"":            classify(errors.New("undecodable")),
	} {
		require.Equal(t, want, deferReason(err), "%v", err)
	}
	require.Equal(t, "unavailable", deferReason(classify(fmt.Errorf("read: %w", context.DeadlineExceeded))))
}
