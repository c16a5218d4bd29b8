package watcher

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	windowEvery = 10 * time.Second
	windowWarn  = 0.25 // of the window left: what is not applied soon is gone
)

// watchWindow looks how much of the oplog still lies between its oldest entry and our position. Where
// the user may not read the oplog, the figure stays absent.
func (s *session) watchWindow(ctx context.Context) {
	if time.Since(s.windowAt) < windowEvery || s.Applied().IsZero() {
		return
	}
	s.windowAt = time.Now()
	call, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	oplog := s.DB.Client().Database("local").Collection("oplog.rs")
	end := func(direction int) (uint32, error) {
		var entry struct {
			TS bson.Timestamp `bson:"ts"`
		}
		err := oplog.FindOne(call, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "$natural", Value: direction}})).Decode(&entry)
		return entry.TS.T, err
	}
	oldest, err := end(1)
	if err != nil {
		return
	}
	newest, err := end(-1)
	if err != nil {
		return
	}
	left := windowRatio(oldest, newest, s.Applied().T())
	s.status.mu.Lock()
	s.status.window = &left
	s.status.mu.Unlock()
	if left < windowWarn {
		s.log.Warn("the oplog is about to overtake the watcher: enlarge it, or find what holds the watcher up", "windowLeft", left)
	}
}

// windowRatio is the part of [oldest, newest] that lies before at: 1 is caught up, 0 is lost. Seconds are
// cut short, so one behind is caught up: else a replica set made just now would look nearly lost.
func windowRatio(oldest, newest, at uint32) float64 {
	if newest <= oldest || at+1 >= newest {
		return 1
	}
	if at <= oldest {
		return 0
	}
	return float64(at-oldest) / float64(newest-oldest)
}

func (w *Watcher) windowLeft() *float64 {
	w.status.mu.Lock()
	defer w.status.mu.Unlock()
	return w.status.window
}
