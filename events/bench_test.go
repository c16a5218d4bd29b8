package events

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

// BenchmarkAppend prints how long an append of a thousand changes takes.
func BenchmarkAppend(b *testing.B) {
	rdb := realtest.New(b).Redis(b)
	h := New(rdb, Config{})
	next := uint32(1)
	for b.Loop() {
		batch := make([]grapevine.Change, 1000)
		for i := range batch {
			c := person(i)
			batch[i] = grapevine.Change{
				Op: grapevine.Created, ID: c.ID, After: c, Source: grapevine.API,
				Position: grapevine.NewPosition(testSecond, next, 0), At: time.Now(),
			}
			next++
		}
		require.NoError(b, h.Apply(context.Background(), grapevine.Batch{Changes: batch}))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/1000changes")
}
