package watcher

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	oplogCheckInterval = 10 * time.Second
	oplogWarnBelow     = 0.25 // of the oplog's window
)

// checkOplogWindow measures how much of the oplog lies between its oldest entry and our position. If our
// user may not read the oplog, the figure stays unknown. It runs in the goroutine of pollCommands.
func (s *session) checkOplogWindow(ctx context.Context) {
	if time.Since(s.oplogCheckedAt) < oplogCheckInterval || s.Applied().IsZero() {
		return
	}
	s.oplogCheckedAt = time.Now()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	oplog := s.DB.Client().Database("local").Collection("oplog.rs")
	end := func(direction int) (uint32, error) {
		var entry struct {
			TS bson.Timestamp `bson:"ts"`
		}
		err := oplog.FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "$natural", Value: direction}})).Decode(&entry)
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
	left := oplogWindowLeft(oldest, newest, s.Applied().T())
	s.status.setOplogWindowLeft(left)
	if left < oplogWarnBelow {
		s.log.Warn("the oplog is about to overtake the watcher: enlarge the oplog, or find what slows the watcher down", "oplogWindowLeft", left)
	}
}

// oplogWindowLeft is the part of [oldest, newest] before at: 1 is caught up, 0 is lost. Times are whole seconds,
// so one second behind counts as caught up: otherwise a new replica set would look nearly lost.
func oplogWindowLeft(oldest, newest, at uint32) float64 {
	if newest <= oldest || at+1 >= newest {
		return 1
	}
	if at <= oldest {
		return 0
	}
	return float64(at-oldest) / float64(newest-oldest)
}
