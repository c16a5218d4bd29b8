package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
)

// maxReconciles bounds the reconciles in a row between which no change was applied.
const maxReconciles = 5

// errStopped says that reconciling does not help.
var errStopped = errors.New("reconciling does not help")

// States of a [Gap].
const (
	GapOpen = "open"
	GapDone = "done"
)

// Gap is one record of gaps: a stretch of history that was not followed change by change, and the reconcile
// that made up for it. ID, Reason, From and Preexisting never change.
type Gap struct {
	ID     bson.ObjectID `bson:"_id" json:"id"`
	Reason string        `bson:"reason" json:"reason"`
	From   string        `bson:"from" json:"from"` // position of the last heartbeat before the gap, "" if unknown
	// Preexisting: contacts without a job are marked instead of given one, because the ledger is lost. Otherwise
	// everyone would get a mail.
	Preexisting bool `bson:"preexisting" json:"preexisting"`

	To         string     `bson:"to" json:"to"`           // T0: where streaming continues, "" until it is known
	State      string     `bson:"state" json:"state"`     // open, done
	Scanned    string     `bson:"walked" json:"walked"`   // (old name, kept for stored data) _id of the last contact that was scanned
	Seen       int64      `bson:"seen" json:"seen"`       // contacts scanned
	Backfilled int64      `bson:"touched" json:"touched"` // (old name, kept for stored data) jobs enqueued, or contacts marked
	StartedAt  time.Time  `bson:"startedAt" json:"startedAt"`
	FinishedAt *time.Time `bson:"finishedAt" json:"finishedAt,omitempty"`
}

// MarshalJSON writes the times as all JSON of the product does.
func (g Gap) MarshalJSON() ([]byte, error) {
	type plain Gap
	shown := struct {
		plain
		StartedAt  grapevine.Time  `json:"startedAt"`
		FinishedAt *grapevine.Time `json:"finishedAt,omitempty"`
	}{plain: plain(g), StartedAt: grapevine.Time{Time: g.StartedAt}}
	if g.FinishedAt != nil {
		shown.FinishedAt = &grapevine.Time{Time: *g.FinishedAt}
	}
	return json.Marshal(shown)
}

// CountGaps is the number of recorded gaps.
func CountGaps(ctx context.Context, db *mongo.Database) (int64, error) {
	return db.Collection(grapevine.CollectionGaps).CountDocuments(ctx, bson.D{})
}

// Gaps are the recorded gaps, newest first, at most 1,000.
func Gaps(ctx context.Context, db *mongo.Database) ([]Gap, error) {
	cursor, err := db.Collection(grapevine.CollectionGaps).Find(ctx, bson.D{},
		options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(1000))
	if err != nil {
		return nil, err
	}
	var found []Gap
	return found, cursor.All(ctx, &found)
}

// gapRecords are the records of gaps.
type gapRecords struct{ coll *mongo.Collection }

func newGapRecords(db *mongo.Database) *gapRecords {
	return &gapRecords{db.Collection(grapevine.CollectionGaps, options.Collection().SetWriteConcern(writeconcern.Majority()))}
}

func (g *gapRecords) exists(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	n, err := g.coll.CountDocuments(ctx, bson.D{}, options.Count().SetLimit(1))
	return n > 0, err
}

// findOpen returns nil if no gap is open.
func (g *gapRecords) findOpen(ctx context.Context) (*Gap, error) {
	return g.find(ctx, bson.D{{Key: "state", Value: GapOpen}})
}

// find returns the newest record that the filter selects, nil if there is none.
func (g *gapRecords) find(ctx context.Context, filter bson.D) (*Gap, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var gap Gap
	err := g.coll.FindOne(ctx, filter, options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}})).Decode(&gap)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &gap, nil
}

func (g *gapRecords) insert(ctx context.Context, gap *Gap) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := g.coll.InsertOne(ctx, gap); err != nil {
		return fmt.Errorf("record the gap: %w", err)
	}
	return nil
}

func (g *gapRecords) replace(ctx context.Context, gap *Gap) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := g.coll.ReplaceOne(ctx, bson.D{{Key: "_id", Value: gap.ID}}, gap); err != nil {
		return fmt.Errorf("update the record of the gap: %w", err)
	}
	return nil
}

// openGap records that history was lost. From then on every holder of the lease reconciles first.
func (s *session) openGap(ctx context.Context, reason string) (*Gap, error) {
	if s.reconciles++; s.reconciles > maxReconciles {
		return nil, fmt.Errorf("%w: history was lost %d times in a row (%s); is the oplog too small for the load?", errStopped, maxReconciles, reason)
	}
	from, _, err := s.heartbeat.lastPosition(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last heartbeat: %w", err)
	}
	lost, err := s.Backfill.LedgerLost(ctx)
	if err != nil {
		return nil, fmt.Errorf("read whether the ledger is lost: %w", err)
	}
	gap := &Gap{ID: bson.NewObjectID(), Reason: reason, Preexisting: lost, State: GapOpen, StartedAt: time.Now().UTC()}
	if !from.IsZero() {
		gap.From = from.String()
	}
	return gap, s.gaps.insert(ctx, gap)
}
