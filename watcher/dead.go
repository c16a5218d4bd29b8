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

// deadChange is a change that can never succeed, as dead_changes keeps it. Its _id is the position,
// so that recording it twice is once.
type deadChange struct {
	Position  grapevine.Position
	Reason    string
	Operation string
	Key       bson.RawValue // the document's _id, of whatever type it is
	At        time.Time
}

// DeadChange is one record of dead_changes.
type DeadChange struct {
	Position  string    `bson:"_id"`
	Reason    string    `bson:"reason"`
	Operation string    `bson:"operation"`
	State     string    `bson:"state"` // dead, retried
	At        time.Time `bson:"at"`
}

// DeadChanges are the recorded dead changes, newest first, at most 1,000.
func DeadChanges(ctx context.Context, db *mongo.Database) ([]DeadChange, error) {
	cursor, err := db.Collection(deadChanges).Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "at", Value: -1}}).SetLimit(1000))
	if err != nil {
		return nil, err
	}
	var found []DeadChange
	return found, cursor.All(ctx, &found)
}

// bury records dead changes, each at most once. It has to succeed before the checkpoint passes them.
func bury(ctx context.Context, db *mongo.Database, dead []deadChange) error {
	for _, d := range dead {
		set := bson.D{
			{Key: "reason", Value: d.Reason},
			{Key: "operation", Value: d.Operation},
			{Key: "at", Value: d.At},
			{Key: "state", Value: "dead"},
		}
		if d.Key.Type != 0 {
			set = append(set, bson.E{Key: "key", Value: d.Key})
		}
		call, cancel := context.WithTimeout(ctx, callBound)
		_, err := db.Collection(deadChanges).UpdateByID(call, d.Position.String(),
			bson.D{{Key: "$setOnInsert", Value: set}}, options.UpdateOne().SetUpsert(true))
		cancel()
		if err != nil {
			return fmt.Errorf("record the dead change at %s: %w", d.Position, err)
		}
	}
	return nil
}

// replaceDead turns the change an effect gave up into a Resync and returns its record.
func replaceDead(changes []grapevine.Change, err error) (deadChange, bool) {
	dead, ok := errors.AsType[*grapevine.DeadLetter](err)
	if !ok {
		return deadChange{}, false
	}
	for i, c := range changes {
		if c.Position == dead.Position && c.Op != grapevine.Resync {
			changes[i] = resync(c, "a change could not be applied: "+dead.Reason)
			return deadChange{Position: c.Position, Reason: dead.Reason, Operation: string(c.Op), At: c.At, Key: keyOf(c.ID)}, true
		}
	}
	return deadChange{}, false
}

func keyOf(id string) bson.RawValue {
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil {
		return bson.RawValue{}
	}
	t, data, _ := bson.MarshalValue(oid) // an ObjectID always marshals
	return bson.RawValue{Type: t, Value: data}
}
