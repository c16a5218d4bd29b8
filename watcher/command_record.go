package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
)

// Names of commands.
const (
	CommandPause     = "pause"      // changes wait in the oplog
	CommandResume    = "resume"     // continue from the checkpoint
	CommandReconcile = "reconcile"  // treat the history up to now as lost
	CommandReplay    = "replay"     // apply Effects again to the changes since From
	CommandRetryDead = "retry-dead" // enqueue the jobs of the dead letter at From
)

// States of a [Command].
const (
	CommandRequested = "asked" // old name, kept for stored data
	CommandDone      = "done"
	CommandFailed    = "failed"
)

// Command is a request of an operator to the pipeline. The collection control holds the requests and, as
// a record, their results. The holder of the lease executes them.
type Command struct {
	// act, by and askedAt are old names, kept for stored data.
	ID          bson.ObjectID `bson:"_id" json:"id"`
	Name        string        `bson:"act" json:"act"`
	From        string        `bson:"from,omitempty" json:"from,omitempty"`       // position, of a replay or retry-dead
	Effects     []string      `bson:"effects,omitempty" json:"effects,omitempty"` // of a replay
	RequestedBy string        `bson:"by" json:"by"`
	RequestedAt time.Time     `bson:"askedAt" json:"askedAt"`
	State       string        `bson:"state" json:"state"`
	Result      string        `bson:"result,omitempty" json:"result,omitempty"` // or the error of a failed command
	DoneAt      *time.Time    `bson:"doneAt,omitempty" json:"doneAt,omitempty"`
}

// PrepareControl creates the collection control. It accepts commands and the documents that [grapevine.ControlStart],
// [grapevine.ControlSchema] and [grapevine.ControlForms] name, and nothing else.
func PrepareControl(ctx context.Context, db *mongo.Database) error {
	bsonType := func(name string) bson.D { return bson.D{{Key: "bsonType", Value: name}} }
	named := bson.D{{Key: "properties", Value: bson.D{
		{Key: "_id", Value: bson.D{{Key: "enum", Value: bson.A{grapevine.ControlStart, grapevine.ControlSchema, grapevine.ControlForms}}}},
	}}}
	command := bson.D{
		{Key: "required", Value: bson.A{"_id", "act", "by", "askedAt", "state"}},
		{Key: "properties", Value: bson.D{
			{Key: "_id", Value: bsonType("objectId")},
			{Key: "act", Value: bsonType("string")},
			{Key: "from", Value: bsonType("string")},
			{Key: "effects", Value: append(bsonType("array"), bson.E{Key: "items", Value: bsonType("string")})},
			{Key: "by", Value: bsonType("string")},
			{Key: "askedAt", Value: bsonType("date")},
			{Key: "state", Value: bson.D{{Key: "enum", Value: bson.A{CommandRequested, CommandDone, CommandFailed}}}},
			{Key: "result", Value: bsonType("string")},
			{Key: "doneAt", Value: bsonType("date")},
		}},
	}
	schema := bson.D{{Key: "bsonType", Value: "object"}, {Key: "anyOf", Value: bson.A{command, named}}}
	err := mongox.EnsureCollection(ctx, db, grapevine.CollectionControl, bson.D{{Key: "validator", Value: bson.D{{Key: "$jsonSchema", Value: schema}}}})
	if err != nil {
		return fmt.Errorf("prepare the collection of commands: %w", err)
	}
	return nil
}

func commandCollection(db *mongo.Database) *mongo.Collection {
	return db.Collection(grapevine.CollectionControl, options.Collection().SetWriteConcern(writeconcern.Majority()))
}

// Submit records a command and waits until the holder of the lease has executed it or ctx is done. The
// caller sets Name, RequestedBy and the arguments of the command.
func Submit(ctx context.Context, db *mongo.Database, command Command) (Command, error) {
	command.ID, command.State, command.RequestedAt = bson.NewObjectID(), CommandRequested, time.Now().UTC()
	if _, err := commandCollection(db).InsertOne(ctx, command); err != nil {
		return command, fmt.Errorf("record the command: %w", err)
	}
	for {
		if err := retry.Sleep(ctx, 200*time.Millisecond); err != nil {
			return command, fmt.Errorf("the command is recorded, but no instance that holds the lease has executed it yet: %w", err)
		}
		if err := commandCollection(db).FindOne(ctx, bson.D{{Key: "_id", Value: command.ID}}).Decode(&command); err != nil {
			return command, fmt.Errorf("read the result of the command: %w", err)
		}
		switch command.State {
		case CommandDone:
			return command, nil
		case CommandFailed:
			return command, errors.New(command.Result)
		}
	}
}
