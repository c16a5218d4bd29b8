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

// States of a [DeadLetterRecord].
const (
	DeadLetterDead    = "dead"
	DeadLetterRetried = "retried"
)

// DeadLetterRecord is one document of dead_changes: a change that can never be applied.
type DeadLetterRecord struct {
	// Position identifies the record, so that recording it twice has no effect. For a collection whose changes
	// share positions it is followed by "/<collection>/<key>".
	Position   string        `bson:"_id"`
	Reason     string        `bson:"reason"`
	Operation  string        `bson:"operation"`
	State      string        `bson:"state"` // dead, retried
	At         time.Time     `bson:"at"`
	Key        bson.RawValue `bson:"key,omitempty"`        // _id of the document, of any type
	Collection string        `bson:"collection,omitempty"` // empty: contacts
}

func newDeadLetter(c *Collection, at grapevine.Position, key bson.RawValue, operation string, committed time.Time, reason string) DeadLetterRecord {
	record := DeadLetterRecord{
		Position: at.String(), Reason: reason, Operation: operation, State: DeadLetterDead, At: committed, Key: key,
	}
	if !c.hasOwnPositions() {
		record.Collection = c.Name
		record.Position += "/" + c.Name + "/" + key.String()
	}
	return record
}

// CountDeadLetters is the number of recorded dead letters.
func CountDeadLetters(ctx context.Context, db *mongo.Database) (int64, error) {
	return db.Collection(grapevine.CollectionDeadLetters).CountDocuments(ctx, bson.D{})
}

// DeadLetters are the recorded dead letters, newest first, at most 1,000.
func DeadLetters(ctx context.Context, db *mongo.Database) ([]DeadLetterRecord, error) {
	cursor, err := db.Collection(grapevine.CollectionDeadLetters).Find(ctx, bson.D{},
		options.Find().SetSort(bson.D{{Key: "at", Value: -1}}).SetLimit(1000))
	if err != nil {
		return nil, err
	}
	var records []DeadLetterRecord
	return records, cursor.All(ctx, &records)
}

// recordDeadLetters has to succeed before the checkpoint passes the changes.
func recordDeadLetters(ctx context.Context, db *mongo.Database, records []DeadLetterRecord) error {
	for _, record := range records {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		_, err := db.Collection(grapevine.CollectionDeadLetters).InsertOne(call, record)
		cancel()
		if err != nil && !mongo.IsDuplicateKeyError(err) {
			return fmt.Errorf("record the dead letter at %s: %w", record.Position, err)
		}
	}
	return nil
}

// OperationForm is the operation of a [DeadLetterRecord] of a contact whose derived part MongoDB refuses. Its id names the contact.
const OperationForm = "form"

// RecordUnformable records that MongoDB refuses the derived part of a contact.
func RecordUnformable(ctx context.Context, db *mongo.Database, id, reason string) error {
	record := DeadLetterRecord{
		Position: OperationForm + "/" + id, Reason: reason, Operation: OperationForm, State: DeadLetterDead, At: time.Now().UTC(), Key: keyOf(id),
	}
	_, err := db.Collection(grapevine.CollectionDeadLetters).ReplaceOne(ctx, bson.D{{Key: "_id", Value: record.Position}}, record, options.Replace().SetUpsert(true))
	if err != nil {
		return fmt.Errorf("record the dead letter %s: %w", record.Position, err)
	}
	return nil
}

// replaceDead turns the change that an effect gave up into a Resync, and notes its dead letter in the
// batch. It returns false if the error gives up no change of the batch.
func replaceDead(b *batch, err error) bool {
	dead, ok := errors.AsType[*grapevine.DeadLetter](err)
	if !ok {
		return false
	}
	failed, ok := errors.AsType[*effectError](err)
	if !ok {
		return false
	}
	for i, c := range failed.group.changes {
		if c.Position == dead.Position && c.Op != grapevine.Resync {
			failed.group.changes[i] = resync(c, "a change could not be applied: "+dead.Reason)
			b.deadLetters = append(b.deadLetters, newDeadLetter(failed.group.collection, c.Position, keyOf(c.ID), string(c.Op), c.At, dead.Reason))
			return true
		}
	}
	return false
}

func keyOf(id string) bson.RawValue {
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil {
		return bson.RawValue{}
	}
	t, data, _ := bson.MarshalValue(oid) // an ObjectID always marshals
	return bson.RawValue{Type: t, Value: data}
}
