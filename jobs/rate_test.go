package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// BenchmarkApply enqueues batches of 1,000 created contacts. A single Redis reads all of them, so what
// it costs is round trips and Lua.
func BenchmarkApply(b *testing.B) {
	r := newRig(b, QueueConfig{})
	batch := make([]grapevine.Change, 1000)
	second := uint32(time.Now().Unix())
	for b.Loop() {
		for i := range batch {
			batch[i] = created(bson.NewObjectID(), second)
		}
		require.NoError(b, r.queue.Apply(b.Context(), grapevine.Batch{Changes: batch}))
	}
	b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "tasks/s")
}

// BenchmarkWorker runs welcomes from end to end: two majority writes each.
func BenchmarkWorker(b *testing.B) {
	r := newRig(b, QueueConfig{})
	var batch []grapevine.Change
	for range 5000 {
		batch = append(batch, created(bson.NewObjectID(), uint32(time.Now().Unix())))
	}
	require.NoError(b, r.queue.Apply(b.Context(), grapevine.Batch{Changes: batch}))
	b.ResetTimer() // one run, whatever b.N: tasks are used up
	r.start(b, r.workerConfig(&outbox{}))
	r.eventually(b, int64(len(batch)), "completed", completed)
	b.ReportMetric(float64(len(batch))/b.Elapsed().Seconds(), "tasks/s")
}
