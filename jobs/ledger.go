package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// state is where the effect on one contact stands.
type state string

const (
	claimed     state = "claimed"     // a worker is at it, or was and did not finish
	done        state = "done"        // sent, or nothing to send
	skipped     state = "skipped"     // the contact was gone when its job ran
	preexisting state = "preexisting" // there before the pipeline first ran: a reconcile leaves it alone, a live task does not
)

// row is one document of the collection effects; _id is the contact's. Rows outlive their contact, so
// that a restore does not welcome twice.
type row struct {
	State   state     `bson:"state"`
	By      string    `bson:"by,omitempty"`    // of a claim: the run that holds it
	Until   time.Time `bson:"until,omitempty"` // of a claim: when another may take it, MongoDB's clock
	Attempt int       `bson:"attempt,omitempty"`
	At      time.Time `bson:"at"`
	Note    string    `bson:"note,omitempty"`
}

// Ledger remembers on which contacts the effect was had. Safe for concurrent use.
type Ledger struct {
	contacts *mongo.Collection
	effects  *mongo.Collection
}

// NewLedger uses the collections contacts (read only) and effects. Whatever db says, writes are
// w:majority, because a claim that a failover rolls back is a second mail; reads are majority reads of
// the primary.
func NewLedger(db *mongo.Database) *Ledger {
	opts := options.Collection().
		SetWriteConcern(writeconcern.Majority()).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary())
	return &Ledger{contacts: db.Collection("contacts", opts), effects: db.Collection("effects", opts)}
}

// Prepare makes the index by which a reconcile finds claims nobody finished.
func (l *Ledger) Prepare(ctx context.Context) error {
	_, err := l.effects.Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys: bson.D{{Key: "state", Value: 1}, {Key: "_id", Value: 1}},
		Options: options.Index().SetName("claimed").
			SetPartialFilterExpression(bson.D{{Key: "state", Value: claimed}}),
	})
	if err != nil {
		return fmt.Errorf("index effects: %w", err)
	}
	return nil
}

func (l *Ledger) empty(ctx context.Context) (bool, error) {
	err := l.effects.FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return false, fmt.Errorf("look whether effects is empty: %w", err)
	}
	return err != nil, nil
}

// claim takes the row for the run named by until d from now, unless the effect is done or another
// claim still holds; the row answered says which, and row.By == by means that it is taken. It is one
// atomic document update on MongoDB's clock, so of any number of runs one gets it.
func (l *Ledger) claim(ctx context.Context, id bson.ObjectID, by string, d time.Duration) (row, error) {
	free := bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "$in", Value: bson.A{
			bson.D{{Key: "$ifNull", Value: bson.A{"$state", preexisting}}}, bson.A{preexisting, skipped},
		}}},
		bson.D{{Key: "$and", Value: bson.A{
			bson.D{{Key: "$eq", Value: bson.A{"$state", claimed}}},
			bson.D{{Key: "$lte", Value: bson.A{"$until", "$$NOW"}}},
		}}},
	}}}
	mine := bson.D{
		{Key: "_id", Value: "$_id"},
		{Key: "state", Value: claimed},
		{Key: "by", Value: by},
		{Key: "until", Value: bson.D{{Key: "$add", Value: bson.A{"$$NOW", d.Milliseconds()}}}},
		{Key: "attempt", Value: bson.D{{Key: "$add", Value: bson.A{bson.D{{Key: "$ifNull", Value: bson.A{"$attempt", 0}}}, 1}}}},
		{Key: "at", Value: "$$NOW"},
	}
	update := bson.A{bson.D{{Key: "$replaceWith", Value: bson.D{
		{Key: "$cond", Value: bson.A{free, mine, "$$ROOT"}},
	}}}}
	var r row
	for range 3 {
		err := l.effects.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: id}}, update,
			options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&r)
		if mongo.IsDuplicateKeyError(err) {
			continue // two upserts met; the row is there now
		}
		if err != nil {
			return row{}, fmt.Errorf("claim %s: %w", id.Hex(), err)
		}
		return r, nil
	}
	return row{}, fmt.Errorf("claim %s: the row came and went", id.Hex())
}

// finish records how the run ended, if it still holds the claim; held is false if another took over.
func (l *Ledger) finish(ctx context.Context, id bson.ObjectID, by string, s state, note string) (held bool, err error) {
	set := bson.D{{Key: "state", Value: s}}
	if note != "" {
		set = append(set, bson.E{Key: "note", Value: note})
	}
	return l.settle(ctx, id, by, bson.D{
		{Key: "$set", Value: set},
		{Key: "$unset", Value: bson.D{{Key: "by", Value: ""}, {Key: "until", Value: ""}}},
		{Key: "$currentDate", Value: bson.D{{Key: "at", Value: true}}},
	})
}

// release gives the claim up, so that the retry need not wait for it to run out.
func (l *Ledger) release(ctx context.Context, id bson.ObjectID, by string) error {
	_, err := l.settle(ctx, id, by, bson.D{
		{Key: "$unset", Value: bson.D{{Key: "by", Value: ""}}},
		{Key: "$currentDate", Value: bson.D{{Key: "at", Value: true}, {Key: "until", Value: true}}},
	})
	return err
}

func (l *Ledger) settle(ctx context.Context, id bson.ObjectID, by string, update bson.D) (held bool, err error) {
	res, err := l.effects.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}, {Key: "state", Value: claimed}, {Key: "by", Value: by}}, update)
	if err != nil {
		return false, fmt.Errorf("record the effect on %s: %w", id.Hex(), err)
	}
	return res.MatchedCount > 0, nil
}
