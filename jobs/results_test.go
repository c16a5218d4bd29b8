package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"grapevine/mail"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

type room struct {
	mu      sync.Mutex
	results []Result
	err     error
}

func (r *room) report(_ context.Context, result Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	r.results = append(r.results, result)
	return nil
}

func (r *room) all() []Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Result(nil), r.results...)
}

func newTestFeed(r *room) *resultFeed {
	return newResultFeed(r.report, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}), slog.New(slog.DiscardHandler))
}

// Of a hundred thousand results, one second's budget is published and the others are counted.
func TestManyResultsAreFoldedAndCounted(t *testing.T) {
	var room room
	f := newTestFeed(&room)
	for i := range 100_000 {
		f.publish(Result{Event: "job:completed", Task: strconv.Itoa(i)})
	}
	f.publish(Result{Event: "job:failed", Task: "the one that failed"})
	f.sendOutbox(t.Context())
	require.Len(t, room.all(), maxPerSecond+1, "successes do not crowd a failure out")
	require.Equal(t, "the one that failed", room.all()[maxPerSecond].Task)
	f.flushHeld()
	f.sendOutbox(t.Context())
	require.Len(t, room.all(), maxPerSecond+2)
	last := room.all()[maxPerSecond+1]
	require.Equal(t, "99999", last.Task)
	require.Equal(t, 100_000-maxPerSecond-1, last.Omitted)
	require.InDelta(t, 100_000-maxPerSecond-1, value(t, f.omitted), 0)
}

func TestResultsThatCannotBePublishedAreDropped(t *testing.T) {
	room := room{err: errors.New("redis is unavailable")}
	f := newTestFeed(&room)
	for range 3 {
		f.publish(Result{Event: "job:completed"})
	}
	f.sendOutbox(t.Context())
	require.InDelta(t, 3, value(t, f.omitted), 0)
	require.Empty(t, f.outbox)
}

func TestWorkerPublishesResults(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var room room
	outgoing := outbox{fail: func(m mail.Message) error {
		if len(room.all()) == 0 {
			return errors.New("try later")
		}
		return nil
	}}
	cfg := r.workerConfig(&outgoing)
	cfg.Report = room.report
	r.start(t, cfg)
	id := bson.NewObjectID()
	r.apply(t, created(id, now()))
	require.Eventually(t, func() bool { return len(room.all()) == 2 }, 20*time.Second, 10*time.Millisecond)
	results := room.all()
	for i := range results {
		require.WithinDuration(t, time.Now(), results[i].At, time.Minute)
		results[i].At = time.Time{}
	}
	task, archived := "welcome:"+id.Hex(), false
	require.Equal(t, []Result{
		{Event: "job:failed", Task: task, Contact: id.Hex(), Type: "contact:welcome", Attempt: 1, Error: "try later", Archived: &archived},
		{Event: "job:completed", Task: task, Contact: id.Hex(), Type: "contact:welcome", Attempt: 2},
	}, results)
}
