// Package ledger records in MongoDB which contacts have had their welcome, so that a job that runs twice
// takes effect once.
//
// A run claims the contact's row, applies the effect, and finishes the claim. If the process dies between
// the effect and the finish, nobody can know whether the effect was applied: the claim expires and the next
// run applies it again.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/mongox"
)

// State is the state of the effect on one contact.
type State string

// The states of a row. A contact without a row has not had its effect.
const (
	Claimed     State = "claimed"     // a run is working on it, or died before it finished
	Done        State = "done"        // the mail was sent, or there was nothing to send
	Skipped     State = "skipped"     // there was nothing to do when the job ran: the contact was gone, or no mail is wanted; the note says which
	Refused     State = "refused"     // the mail server refused the address for good; the note has its words
	Preexisting State = "preexisting" // the contact is older than the pipeline: a reconcile skips it, a live task does not
)

// row is one document of the collection effects. Its _id is the contact's. A row outlives its contact, so
// that a restored contact is not welcomed twice.
type row struct {
	State   State     `bson:"state"`
	Holder  string    `bson:"by,omitempty"`    // of a claim: the run that holds it
	Until   time.Time `bson:"until,omitempty"` // of a claim: when it expires, by MongoDB's clock
	Attempt int       `bson:"attempt,omitempty"`
	First   time.Time `bson:"first,omitempty"`  // of a claim: the first try, by MongoDB's clock
	Failed  bool      `bson:"failed,omitempty"` // of a claim: its task is archived, and nobody tries again by itself
	At      time.Time `bson:"at"`
	Note    string    `bson:"note,omitempty"`
}

// Ledger is the collection effects. Safe for concurrent use.
type Ledger struct {
	// Margin is how long a claim outlives the deadline of its run. The run needs it to record its outcome.
	// New sets 10 s.
	Margin time.Duration

	contacts *mongo.Collection
	rows     *mongo.Collection
	control  *mongo.Collection

	heartbeats, gaps *mongo.Collection // of earlier versions: see adoptOlderStart

	useRecorded atomic.Bool // see recordUse

	indexes *mongox.Indexes // of rows
}

// New uses the collections contacts (read only) and effects, and one document of control. It overrides the concerns of db: writes wait
// for a majority, because a claim that a failover rolls back causes a second mail. Reads are majority reads
// of the primary.
func New(db *mongo.Database) *Ledger {
	rows := mongox.MajorityCollection(db, grapevine.CollectionLedger)
	return &Ledger{
		Margin:   10 * time.Second,
		contacts: mongox.MajorityCollection(db, grapevine.CollectionContacts),
		control:  mongox.MajorityCollection(db, grapevine.CollectionControl),

		heartbeats: mongox.MajorityCollection(db, grapevine.CollectionHeartbeats),
		gaps:       mongox.MajorityCollection(db, grapevine.CollectionGaps),
		rows:       rows,
		indexes: mongox.NewIndexes(rows, []mongox.Index{{
			Name: "claimed", Keys: bson.D{{Key: "state", Value: 1}, {Key: "_id", Value: 1}},
			Partial: bson.D{{Key: "state", Value: string(Claimed)}},
		}}),
	}
}

// Prepare creates the index that finds unfinished claims. See [mongox.Indexes.Ensure] about ctx.
func (l *Ledger) Prepare(ctx context.Context) error { return l.indexes.Ensure(ctx) }

// Problems are what is wrong with the index, as the latest Prepare found it.
func (l *Ledger) Problems() []mongox.Problem { return l.indexes.Problems() }

// Empty reports whether the ledger has no rows.
func (l *Ledger) Empty(ctx context.Context) (bool, error) {
	err := l.rows.FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return false, fmt.Errorf("check whether effects is empty: %w", err)
	}
	return err != nil, nil
}
