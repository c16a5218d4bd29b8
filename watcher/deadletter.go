package watcher

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

// deadLetter is a change that can never succeed, as dead_changes keeps it. Its _id is the position,
// so that recording it twice is once.
type deadLetter struct {
	Position  grapevine.Position
	Reason    string
	Operation string
	Key       bson.RawValue // the document's _id, of whatever type it is
	At        time.Time
}

// DeadLetterRecord is one document of dead_changes: a change that can never be applied.
type DeadLetterRecord struct {
	Position  string    `bson:"_id"`
	Reason    string    `bson:"reason"`
	Operation string    `bson:"operation"`
	State     string    `bson:"state"` // dead, retried
	At        time.Time `bson:"at"`
}

// CountDeadLetters is the number of recorded dead letters.
func CountDeadLetters(ctx context.Context, db *mongo.Database) (int64, error) {
	return db.Collection(deadLetters).CountDocuments(ctx, bson.D{})
}

// DeadLetters are the recorded dead letters, newest first, at most 1,000.
func DeadLetters(ctx context.Context, db *mongo.Database) ([]DeadLetterRecord, error) {
	cursor, err := db.Collection(deadLetters).Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "at", Value: -1}}).SetLimit(1000))
	if err != nil {
		return nil, err
	}
	var found []DeadLetterRecord
	return found, cursor.All(ctx, &found)
}

// bury records dead changes, each at most once. It has to succeed before the checkpoint passes them.
func recordDeadLetters(ctx context.Context, db *mongo.Database, dead []deadLetter) error {
	for _, d := range dead {
		set := bson.D{
			{Key: "reason", Value: d.Reason},
			{Key: "operation", Value: d.Operation},
			{Key: "at", Value: d.At},
			{Key: "state", Value: DeadLetterDead},
		}
		if d.Key.Type != 0 {
			set = append(set, bson.E{Key: "key", Value: d.Key})
		}
		call, cancel := context.WithTimeout(ctx, callBound)
		_, err := db.Collection(deadLetters).UpdateByID(call, d.Position.String(),
			bson.D{{Key: "$setOnInsert", Value: set}}, options.UpdateOne().SetUpsert(true))
		cancel()
		if err != nil {
			return fmt.Errorf("record the dead change at %s: %w", d.Position, err)
		}
	}
	return nil
}

// replaceDead turns the change an effect gave up into a Resync and returns its record.
func replaceDead(changes []grapevine.Change, err error) (deadLetter, bool) {
	dead, ok := errors.AsType[*grapevine.DeadLetter](err)
	if !ok {
		return deadLetter{}, false
	}
	for i, c := range changes {
		if c.Position == dead.Position && c.Op != grapevine.Resync {
			changes[i] = resync(c, "a change could not be applied: "+dead.Reason)
			return deadLetter{Position: c.Position, Reason: dead.Reason, Operation: string(c.Op), At: c.At, Key: keyOf(c.ID)}, true
		}
	}
	return deadLetter{}, false
}

func keyOf(id string) bson.RawValue {
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil {
		return bson.RawValue{}
	}
	t, data, _ := bson.MarshalValue(oid) // an ObjectID always marshals
	return bson.RawValue{Type: t, Value: data}
}
