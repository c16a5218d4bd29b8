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

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

type room struct {
	mu   sync.Mutex
	told []result
	err  error
}

func (r *room) signal(_ context.Context, payload any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	told, ok := payload.(result)
	if !ok {
		return fmt.Errorf("told a %T", payload)
	}
	r.told = append(r.told, told)
	return nil
}

func (r *room) all() []result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]result(nil), r.told...)
}

func newTestResults(r *room) *results {
	return newResults(r.signal, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}), slog.New(slog.DiscardHandler))
}

// Of a hundred thousand results a second's worth is told, and the rest counted: nothing is hidden.
func TestManyResultsAreFoldedAndCounted(t *testing.T) {
	var room room
	s := newTestResults(&room)
	for i := range 100_000 {
		s.tell(result{Event: "job:completed", Task: strconv.Itoa(i)})
	}
	s.tell(result{Event: "job:failed", Task: "the one that failed"})
	s.flush(t.Context())
	require.Len(t, room.all(), perSecond+1, "successes do not crowd a failure out")
	require.Equal(t, "the one that failed", room.all()[perSecond].Task)
	s.turn()
	s.flush(t.Context())
	require.Len(t, room.all(), perSecond+2)
	last := room.all()[perSecond+1]
	require.Equal(t, "99999", last.Task)
	require.Equal(t, 100_000-perSecond-1, last.Omitted)
	require.InDelta(t, 100_000-perSecond-1, value(t, s.unsaid), 0)
}

func TestResultsThatCannotBeToldAreDropped(t *testing.T) {
	room := room{err: errors.New("redis is away")}
	s := newTestResults(&room)
	for range 3 {
		s.tell(result{Event: "job:completed"})
	}
	s.flush(t.Context())
	require.InDelta(t, 3, value(t, s.unsaid), 0)
	require.Empty(t, s.outbox)
}

func TestWorkerTellsHowJobsEnded(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var room room
	mail := outbox{fail: func(m Mail) error {
		if len(room.all()) == 0 {
			return errors.New("try later")
		}
		return nil
	}}
	cfg := r.workerConfig(&mail)
	cfg.Signal = room.signal
	r.start(t, cfg)
	id := bson.NewObjectID()
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(id, uint32(time.Now().Unix()))}}))
	require.Eventually(t, func() bool { return len(room.all()) == 2 }, 20*time.Second, 10*time.Millisecond)
	frames := make([]string, 2)
	for i, told := range room.all() {
		require.WithinDuration(t, time.Now(), told.At.Time, time.Minute)
		told.At = grapevine.Time{Time: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		b, err := json.Marshal(told)
		require.NoError(t, err)
		frames[i] = string(b)
	}
	require.JSONEq(t, `{"event":"job:failed","room":"pipeline","task":"welcome:`+id.Hex()+`","id":"`+id.Hex()+`",
		"type":"contact:welcome","attempt":1,"error":"try later","archived":false,"at":"2026-11-23T00:00:00.000Z"}`, frames[0])
	require.JSONEq(t, `{"event":"job:completed","room":"pipeline","task":"welcome:`+id.Hex()+`","id":"`+id.Hex()+`",
		"type":"contact:welcome","attempt":2,"at":"2026-11-23T00:00:00.000Z"}`, frames[1])
}
