//go:build fault

package fault

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

// latencies reads contacts and lists in 4 goroutines for a while and returns the time of each read. Every
// read has to succeed.
func (l *load) latencies(d time.Duration) []time.Duration {
	l.c.t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	bad := 0
	var side sync.WaitGroup
	ctx, cancel := context.WithTimeout(l.c.t.Context(), d)
	defer cancel()
	id, in := l.settledContact()
	for n := range 4 {
		side.Go(func() {
			from := l.c.instances[n%len(l.c.instances)]
			paths := []string{"/contacts?limit=50", "/contacts/" + id, "/contacts?limit=20&owner=ann"}
			for count := 0; ctx.Err() == nil; count++ {
				began := time.Now()
				status, _, _ := from.get(paths[count%len(paths)], "Workspace", in)
				mu.Lock()
				took = append(took, time.Since(began))
				if status != http.StatusOK && status != http.StatusNotFound { // a writer may delete or move it
					bad++
				}
				mu.Unlock()
			}
		})
	}
	side.Wait()
	slices.Sort(took)
	require.NotEmpty(l.c.t, took)
	require.Zero(l.c.t, bad, "of %d reads", len(took))
	l.c.logf("%d reads: p50 %s, p99 %s, max %s", len(took), took[len(took)/2], percentile(took, 99), took[len(took)-1])
	return took
}

func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

// Redis hangs: its connections are open and it does not answer. Reads come from MongoDB, and writes need
// only MongoDB. The pipeline waits and continues afterwards.
func TestRedisHung(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		l.waitForWrites(200)
		usual := percentile(l.latencies(2*time.Second), 99) // on a machine that may have other work to do
		require.NoError(t, c.redis.Signal(syscall.SIGSTOP))
		t.Cleanup(func() { _ = c.redis.Signal(syscall.SIGCONT) })
		c.logf("redis hangs")
		watch := realtest.StartStopwatch(t)
		took := l.latencies(8 * time.Second)
		watch.Stop()
		require.Less(t, percentile(took, 99), usual+watch.Allow(300*time.Millisecond))
		l.waitForWrites(200) // writes continue
		for _, i := range c.instances {
			status, parts := i.ready()
			require.Equal(t, http.StatusOK, status, "an instance without Redis still answers")
			require.Equal(t, "unreachable", parts["redis"].State)
			require.False(t, parts["following"].Ready)
		}
		// This takes longer than the lease, so the holder gives up a lease that it cannot renew.
		l.latencies(6 * time.Second)
		require.NoError(t, c.redis.Signal(syscall.SIGCONT))
		c.logf("redis continues")
		c.waitForStreaming(25 * time.Second)
		l.waitForWrites(100)
		// A task whose end could not be reported to Redis stays active until Asynq's recoverer runs.
		l.endAndCheck(allowances{drainTime: asynqRecovery})
		require.Empty(t, c.gaps(), "nothing was lost, so nothing is reconciled")
		for _, k := range l.clients {
			_, _, f := k.snapshot()
			require.Positive(t, f.degraded, "the client of %s was told that the pipeline is behind", k.workspace)
			require.Positive(t, f.live, "the client of %s was told that the pipeline has recovered", k.workspace)
		}
	})
}
