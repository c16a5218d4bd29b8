package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"grapevine/mail"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

type room struct {
	mu     sync.Mutex
	frames []result
	err    error
}

func (r *room) signal(_ context.Context, payload any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	frame, ok := payload.(result)
	if !ok {
		return fmt.Errorf("got a %T", payload)
	}
	r.frames = append(r.frames, frame)
	return nil
}

func (r *room) all() []result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]result(nil), r.frames...)
}

func newTestFeed(r *room) *resultFeed {
	return newResultFeed(r.signal, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}), slog.New(slog.DiscardHandler))
}

// Of a hundred thousand results, one second's budget is published and the others are counted.
func TestManyResultsAreFoldedAndCounted(t *testing.T) {
	var room room
	f := newTestFeed(&room)
	for i := range 100_000 {
		f.publish(result{Event: "job:completed", Task: strconv.Itoa(i)})
	}
	f.publish(result{Event: "job:failed", Task: "the one that failed"})
	f.send(t.Context())
	require.Len(t, room.all(), maxPerSecond+1, "successes do not crowd a failure out")
	require.Equal(t, "the one that failed", room.all()[maxPerSecond].Task)
	f.flushHeld()
	f.send(t.Context())
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
		f.publish(result{Event: "job:completed"})
	}
	f.send(t.Context())
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
	cfg.Signal = room.signal
	r.start(t, cfg)
	id := bson.NewObjectID()
	r.apply(t, created(id, now()))
	require.Eventually(t, func() bool { return len(room.all()) == 2 }, 20*time.Second, 10*time.Millisecond)
	frames := make([]string, 2)
	for i, frame := range room.all() {
		require.WithinDuration(t, time.Now(), frame.At.Time, time.Minute)
		frame.At = grapevine.Time{Time: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		b, err := json.Marshal(frame)
		require.NoError(t, err)
		frames[i] = string(b)
	}
	require.JSONEq(t, `{"event":"job:failed","room":"pipeline","task":"welcome:`+id.Hex()+`","id":"`+id.Hex()+`",
		"type":"contact:welcome","attempt":1,"error":"try later","archived":false,"at":"2026-11-23T00:00:00.000Z"}`, frames[0])
	require.JSONEq(t, `{"event":"job:completed","room":"pipeline","task":"welcome:`+id.Hex()+`","id":"`+id.Hex()+`",
		"type":"contact:welcome","attempt":2,"at":"2026-11-23T00:00:00.000Z"}`, frames[1])
}
