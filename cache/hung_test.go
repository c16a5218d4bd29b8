package cache_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"grapevine"

	"github.com/stretchr/testify/require"

	"grapevine/cache"
	"grapevine/internal/realtest"
)

const timeout = 100 * time.Millisecond // as in production

// A hung Redis accepts connections and never answers, which is its worst fault for a reader.
func TestReadsDoNotHangWithRedis(t *testing.T) {
	r := startRedis(t)
	var log logBuffer
	c := open(t, r.url, cache.Config{Timeout: timeout, Logger: log.logger()})
	want(t, open(t, r.url, cache.Config{}), "contact:1", "x", always("ada"), "ada", grapevine.CacheStored) // with a long timeout

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
				if err != nil || status != grapevine.CacheBypass || string(value) != "from mongodb" {
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
	require.Less(t, waited, 40, "only one reader a second waits, besides those that were waiting when the breaker opened")
	require.Equal(t, 1, log.count("Redis does not answer the cache"))

	r.signal(t, syscall.SIGCONT)
	require.Eventually(t, func() bool {
		_, status, err := c.Fetch(context.Background(), "contact:1", "x", always("ada"))
		return err == nil && status == grapevine.CacheHit
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, log.count("Redis answers the cache again"))
}

// quick is the number of reads that did not wait for Redis. The durations are sorted.
func quick(took []time.Duration) int {
	n, _ := slices.BinarySearch(took, 50*time.Millisecond)
	return n
}

func TestReadsWorkWithoutRedis(t *testing.T) {
	r := startRedis(t)
	var log logBuffer
	c := open(t, r.url, cache.Config{Timeout: timeout, Logger: log.logger()})
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)
	r.server.Kill()
	for range 500 {
		want(t, c, "contact:1", "x", always("from mongodb"), "from mongodb", grapevine.CacheBypass)
	}
	require.EqualValues(t, 500, c.Stats().Bypassed)
	require.Equal(t, 1, log.count("Redis does not answer the cache"))
	r.start(t)
	require.Eventually(t, func() bool {
		_, status, err := c.Fetch(context.Background(), "contact:1", "x", always("ada"))
		return err == nil && status == grapevine.CacheHit
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, log.count("Redis answers the cache again"))
}

// Redis hangs between the miss and the store. The reader gets its value all the same.
func TestAStoreDoesNotHangWithRedis(t *testing.T) {
	r := startRedis(t)
	c := open(t, r.url, cache.Config{Timeout: timeout})
	reader := readSlowly(t, c, "contact:1", "x", "ada")
	<-reader.loading
	r.signal(t, syscall.SIGSTOP)
	watch := realtest.StartStopwatch(t)
	require.Equal(t, grapevine.CacheMiss, reader.finish())
	require.Less(t, watch.Stop(), watch.Allow(time.Second))
	require.EqualValues(t, 1, c.Stats().Failed)
	r.signal(t, syscall.SIGCONT)
}
