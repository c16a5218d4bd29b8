package cache_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

func BenchmarkApply1000(b *testing.B) {
	c := open(b, realtest.New(b).RedisURL, cache.Config{})
	changes := make([]grapevine.Change, 1000)
	for i := range changes {
		changes[i] = updated(fmt.Sprintf("%024x", i), fmt.Sprintf("w%d", i%10), at(uint64(i)))
	}
	for b.Loop() {
		apply(b, c, changes...)
	}
	b.ReportMetric(float64(b.N*len(changes))/b.Elapsed().Seconds(), "changes/s")
}

func BenchmarkHit(b *testing.B) {
	c := open(b, realtest.New(b).RedisURL, cache.Config{})
	value := strings.Repeat("x", 2000)
	want(b, c, "workspace:w", "list", always(value), value, grapevine.CacheStored)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, status, err := c.Fetch(context.Background(), "workspace:w", "list", never); err != nil || status != grapevine.CacheHit {
				b.Error(status, err)
			}
		}
	})
}
