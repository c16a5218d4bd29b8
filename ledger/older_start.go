package ledger

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// olderStart selects the record that earlier versions made of the first start: a document of gaps.
var olderStart = bson.D{{Key: "reason", Value: "first start"}}

// adoptOlderStart makes a record of the first start that is done, if an earlier version of the program has run on this
// database. A first start that such a version did not finish counts as none.
func (l *Ledger) adoptOlderStart(ctx context.Context) error {
	ran, err := l.olderVersionRan(ctx)
	if err != nil || !ran {
		return err
	}
	var older struct {
		To         string `bson:"to"`
		LedgerUsed bool   `bson:"ledger"`
	}
	err = l.gaps.FindOne(ctx, olderStart).Decode(&older)
	recorded := !errors.Is(err, mongo.ErrNoDocuments)
	if err != nil && recorded {
		return err
	}
	empty, err := l.Empty(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	adopted := start{ID: grapevine.ControlStart, State: startDone, LedgerUsed: older.LedgerUsed || !recorded || !empty, StartedAt: now, FinishedAt: &now}
	if at, err := grapevine.ParsePosition(older.To); err == nil {
		adopted.Position = bson.Timestamp{T: at.T(), I: at.I()}
	}
	if _, err := l.control.InsertOne(ctx, adopted); err != nil && !mongo.IsDuplicateKeyError(err) {
		return err
	}
	return l.deleteOlderStart(ctx)
}

// olderVersionRan reports whether there is a heartbeat, or a gap that is not an unfinished first start.
func (l *Ledger) olderVersionRan(ctx context.Context) (bool, error) {
	unfinished := append(bson.D{{Key: "state", Value: "open"}}, olderStart...)
	for coll, filter := range map[*mongo.Collection]bson.D{l.heartbeats: {}, l.gaps: {{Key: "$nor", Value: bson.A{unfinished}}}} {
		err := coll.FindOne(ctx, filter).Err()
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return false, err
		}
	}
	return false, nil
}

func (l *Ledger) deleteOlderStart(ctx context.Context) error {
	_, err := l.gaps.DeleteMany(ctx, olderStart)
	return err
}
