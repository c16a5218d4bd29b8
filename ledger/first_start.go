package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// States of the record of the first start.
const (
	startMarking = "marking" // the contacts that were there before are being marked
	startDone    = "done"    // contacts may be written
)

// start is the record of the first start: the moment from which the pipeline follows this database.
type start struct {
	ID         string         `bson:"_id"`
	State      string         `bson:"state"`
	Position   bson.Timestamp `bson:"position,omitempty"` // the stream delivers every change after it; zero: unknown
	Scanned    string         `bson:"scanned"`            // _id of the last contact that was scanned
	Seen       int64          `bson:"seen"`               // contacts scanned
	LedgerUsed bool           `bson:"ledgerUsed"`         // the ledger has had rows
	StartedAt  time.Time      `bson:"startedAt"`
	FinishedAt *time.Time     `bson:"finishedAt,omitempty"`
}

// errStarted says that another instance has finished the first start.
var errStarted = errors.New("another instance has finished the first start")

// FirstStart marks the contacts that are older than the pipeline as [Preexisting], so that none of them is welcomed.
// No instance may write contacts before it returns nil. Any number of instances may call it at once, and a call
// continues where a killed one stopped. If the pipeline has run on this database before, it only reads one document.
//
// progress gets the number of contacts seen so far and about how many there are.
func (l *Ledger) FirstStart(ctx context.Context, progress func(seen, total int64)) error {
	begun, err := l.begin(ctx)
	if err != nil {
		return fmt.Errorf("record the first start: %w", err)
	}
	if begun.State == startDone {
		return nil
	}
	total, err := l.contacts.EstimatedDocumentCount(ctx)
	if err != nil {
		return fmt.Errorf("count the contacts: %w", err)
	}
	progress(begun.Seen, total)
	err = l.markAll(ctx, begun, func(seen int64) { progress(seen, total) })
	if errors.Is(err, errStarted) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark the contacts that were there before the first start: %w", err)
	}
	if err := l.finishStart(ctx); err != nil {
		return fmt.Errorf("record the end of the first start: %w", err)
	}
	return nil
}

// markAll marks the contacts chunk by chunk, in a session with causal consistency. After it has read a chunk it reads
// that the first start is not over yet, so it never marks a contact that was created through an instance whose first
// start is over.
func (l *Ledger) markAll(ctx context.Context, begun start, progress func(seen int64)) error {
	session, err := l.rows.Database().Client().StartSession()
	if err != nil {
		return err
	}
	defer session.EndSession(ctx)
	return l.Scan(mongo.NewSessionContext(ctx, session), begun.Scanned,
		func(ctx context.Context, last string, seen, _ int64) error {
			seen += begun.Seen
			err := l.updateStart(ctx, bson.D{{Key: "$max", Value: bson.D{{Key: "scanned", Value: last}, {Key: "seen", Value: seen}}}})
			progress(seen)
			return err
		},
		func(ctx context.Context, p Pending) (int64, error) {
			if now, err := l.findStart(ctx); err != nil || now == nil || now.State == startDone {
				return 0, errors.Join(err, errStarted)
			}
			return l.insertPreexisting(ctx, p.Absent)
		})
}

// begin returns the record of the first start. If there is none, it makes one, with MongoDB's time as the position:
// every change that is not in the state before the record is after that time.
func (l *Ledger) begin(ctx context.Context) (start, error) {
	found, err := l.findStart(ctx)
	if err != nil {
		return start{}, err
	}
	if found == nil {
		if err := l.adoptOlderStart(ctx); err != nil {
			return start{}, err
		}
		fresh := bson.D{
			{Key: "_id", Value: grapevine.ControlStart},
			{Key: "state", Value: startMarking},
			{Key: "position", Value: "$$CLUSTER_TIME"},
			{Key: "scanned", Value: ""},
			{Key: "seen", Value: int64(0)},
			{Key: "ledgerUsed", Value: false},
			{Key: "startedAt", Value: "$$NOW"},
		}
		exists := bson.D{{Key: "$ne", Value: bson.A{bson.D{{Key: "$type", Value: "$state"}}, "missing"}}}
		found = &start{}
		err = l.control.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: grapevine.ControlStart}},
			bson.A{bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$cond", Value: bson.A{exists, "$$ROOT", fresh}}}}}},
			options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(found)
	}
	return *found, err
}

// finishStart ends the first start for every instance.
func (l *Ledger) finishStart(ctx context.Context) error {
	if err := l.deleteOlderStart(ctx); err != nil {
		return err
	}
	empty, err := l.Empty(ctx)
	if err != nil {
		return err
	}
	return l.updateStart(ctx, bson.D{
		{Key: "$set", Value: bson.D{{Key: "state", Value: startDone}, {Key: "ledgerUsed", Value: !empty}}},
		{Key: "$currentDate", Value: bson.D{{Key: "finishedAt", Value: true}}},
	})
}

// findStart returns nil if there is no record.
func (l *Ledger) findStart(ctx context.Context) (*start, error) {
	var found start
	err := l.control.FindOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlStart}}).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return &found, err
}

// updateStart changes the record while it is not done.
func (l *Ledger) updateStart(ctx context.Context, update bson.D) error {
	_, err := l.control.UpdateOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlStart}, {Key: "state", Value: startMarking}}, update)
	return err
}

// Began is the position after which the stream delivers every new contact. Older contacts were marked. It is zero if
// that is unknown.
func (l *Ledger) Began(ctx context.Context) (grapevine.Position, error) {
	found, err := l.findStart(ctx)
	if err != nil {
		return grapevine.Position{}, fmt.Errorf("read the record of the first start: %w", err)
	}
	if found == nil || found.Position.IsZero() {
		return grapevine.Position{}, nil
	}
	return grapevine.NewPosition(found.Position.T, found.Position.I, 0), nil
}

// Lost reports whether it is unknown who has had a job: the ledger is empty although it had rows, or there is no
// record of the first start. A ledger that is empty because no job ever ran is not lost.
func (l *Ledger) Lost(ctx context.Context) (bool, error) {
	empty, err := l.Empty(ctx)
	if err != nil || !empty {
		return false, err
	}
	found, err := l.findStart(ctx)
	if err != nil {
		return false, fmt.Errorf("read the record of the first start: %w", err)
	}
	return found == nil || found.LedgerUsed, nil
}

// recordUse records that the ledger has rows, before it gets its first one.
func (l *Ledger) recordUse(ctx context.Context) error {
	if l.useRecorded.Load() {
		return nil
	}
	found, err := l.findStart(ctx)
	if err == nil && found != nil && !found.LedgerUsed {
		_, err = l.control.UpdateByID(ctx, grapevine.ControlStart, bson.D{{Key: "$set", Value: bson.D{{Key: "ledgerUsed", Value: true}}}})
	}
	if err != nil {
		return fmt.Errorf("record that effects has rows: %w", err)
	}
	l.useRecorded.Store(true)
	return nil
}
