package cache_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/cache"
	"grapevine/internal/realtest"
)

const timeout = 100 * time.Millisecond // as in production

// A hung Redis accepts connections and never answers: the worst of its faults for a reader.
func TestReadsDoNotHangWithRedis(t *testing.T) {
	r := startRedis(t)
	var log journal
	c := open(t, r.url, cache.Config{Timeout: timeout, Logger: log.logger()})
	want(t, open(t, r.url, cache.Config{}), "contact:1", "x", always("ada"), "ada", "fwd=miss; stored") // with patience

	r.signal(t, syscall.SIGSTOP)
	var (
		mu    sync.Mutex
		took  []time.Duration
		wrong atomic.Int64
		group sync.WaitGroup
	)
	watch := realtest.StartStopwatch(t)
	until := time.Now().Add(4 * time.Second)
	for range 8 {
		group.Go(func() {
			for time.Now().Before(until) {
				began := time.Now()
				value, status, err := c.Fetch(context.Background(), "contact:1", "x", always("from mongodb"))
				d := time.Since(began)
				if err != nil || status != "fwd=bypass" || string(value) != "from mongodb" {
					wrong.Add(1)
				}
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
				<-time.After(time.Millisecond)
			}
		})
	}
	group.Wait()
	watch.Stop()
	require.Zero(t, wrong.Load())
	slices.Sort(took)
	p99, worst := took[len(took)*99/100], took[len(took)-1]
	t.Logf("%d reads with redis hung: p50 %s, p99 %s, worst %s", len(took), took[len(took)/2], p99, worst)
	require.Less(t, p99, watch.Allow(300*time.Millisecond))
	require.Less(t, worst, watch.Allow(time.Second))
	waited := len(took) - quick(took)
	require.Less(t, waited, 40, "the breaker lets one reader a second wait, and those who were waiting when it opened")
	require.Equal(t, 1, log.count("redis does not answer the cache"))

	r.signal(t, syscall.SIGCONT)
	require.Eventually(t, func() bool {
		_, status, err := c.Fetch(context.Background(), "contact:1", "x", always("ada"))
		return err == nil && status == "hit"
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, log.count("redis answers the cache again"))
}

// quick is how many of the sorted durations did not wait for Redis at all.
func quick(took []time.Duration) int {
	n, _ := slices.BinarySearch(took, 50*time.Millisecond)
	return n
}

func TestReadsGoOnWithoutRedis(t *testing.T) {
	r := startRedis(t)
	var log journal
	c := open(t, r.url, cache.Config{Timeout: timeout, Logger: log.logger()})
	want(t, c, "contact:1", "x", always("ada"), "ada", "fwd=miss; stored")
	r.server.Kill()
	for range 500 {
		want(t, c, "contact:1", "x", always("from mongodb"), "from mongodb", "fwd=bypass")
	}
	require.EqualValues(t, 500, c.Stats().Bypassed)
	require.Equal(t, 1, log.count("redis does not answer the cache"))
	r.start(t)
	require.Eventually(t, func() bool {
		_, status, err := c.Fetch(context.Background(), "contact:1", "x", always("ada"))
		return err == nil && status == "hit"
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, log.count("redis answers the cache again"))
}

// Redis hangs between the miss and the fill: the reader has its value and is not kept from it.
func TestAFillDoesNotHangWithRedis(t *testing.T) {
	r := startRedis(t)
	c := open(t, r.url, cache.Config{Timeout: timeout})
	reader := readSlowly(t, c, "contact:1", "x", "ada")
	<-reader.loading
	r.signal(t, syscall.SIGSTOP)
	watch := realtest.StartStopwatch(t)
	require.Equal(t, "fwd=miss", reader.finish())
	require.Less(t, watch.Stop(), watch.Allow(time.Second))
	require.EqualValues(t, 1, c.Stats().Failed)
	r.signal(t, syscall.SIGCONT)
}
