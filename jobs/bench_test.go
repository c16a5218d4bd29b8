package jobs

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// BenchmarkApply enqueues batches of 1,000 created contacts. The cost is round trips and Lua in a single Redis.
func BenchmarkApply(b *testing.B) {
	r := newRig(b, QueueConfig{})
	batch := make([]grapevine.Change, 1000)
	second := now()
	for b.Loop() {
		for i := range batch {
			batch[i] = created(bson.NewObjectID(), second)
		}
		r.apply(b, batch...)
	}
	b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "tasks/s")
}

// BenchmarkWorker runs whole welcomes, with two majority writes each.
func BenchmarkWorker(b *testing.B) {
	r := newRig(b, QueueConfig{})
	var batch []grapevine.Change
	for range 5000 {
		batch = append(batch, created(bson.NewObjectID(), now()))
	}
	r.apply(b, batch...)
	b.ResetTimer() // one run whatever b.N is, because each task runs once
	r.start(b, r.workerConfig(&outbox{}))
	r.eventually(b, int64(len(batch)), "completed", completed)
	b.ReportMetric(float64(len(batch))/b.Elapsed().Seconds(), "tasks/s")
}
