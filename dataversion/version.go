// Package dataversion keeps the version of the stored data in MongoDB, so that a program never works on data that a
// newer program has migrated.
package dataversion

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/mongox"
)

// Current is the version of the data that this program reads and writes. Every change of what is stored, and every
// new effect, raises it: see docs/decisions/0023-data-has-a-version.md.
const Current = 2

// firstVersion is the version of data that has no record of it.
const firstVersion = 1

// NewerError says that a newer program has migrated the data.
type NewerError struct{ Version int64 }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the data in MongoDB has version %d, and this program knows version %d only; start the newer Grapevine that migrated it", e.Version, Current)
}

// document is the record of the version in the collection control.
type document struct {
	ID        string     `bson:"_id"`
	Version   int64      `bson:"version"`
	Migration *migration `bson:"migration"` // of the data of an earlier version; nil: there was none
}

// Check fails with a [NewerError] if the data is newer than this program. Data without a version is older.
func Check(ctx context.Context, db *mongo.Database) error {
	_, err := read(ctx, db)
	return err
}

// Record is [Check], and makes the current version that of the data, before anything else is written. An instance of an earlier
// version that runs meanwhile then steps aside. If there are contacts of an earlier version, a [Migration] is pending.
func Record(ctx context.Context, db *mongo.Database) error {
	found, err := read(ctx, db)
	if err != nil || found != nil && found.Version == Current {
		return err
	}
	earlier := int64(firstVersion) // data without a version
	if found != nil {
		earlier = found.Version
	} else if empty, err := hasNoContacts(ctx, db); err != nil {
		return err
	} else if empty {
		earlier = Current
	}
	set := bson.D{{Key: "version", Value: int64(Current)}}
	if earlier < Current {
		set = append(set, bson.E{Key: "migration", Value: bson.D{{Key: "from", Value: earlier}, {Key: "raisedAt", Value: "$$NOW"}}})
	}
	_, err = control(db).UpdateOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlSchema}, {Key: "version", Value: bson.D{{Key: "$lt", Value: int64(Current)}}}},
		mongo.Pipeline{{{Key: "$set", Value: set}}}, options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) { // another instance was faster, perhaps a newer one
		return Check(ctx, db)
	}
	if err != nil {
		return fmt.Errorf("record the version of the data: %w", err)
	}
	return nil
}

func hasNoContacts(ctx context.Context, db *mongo.Database) (bool, error) {
	err := db.Collection(grapevine.CollectionContacts).FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for contacts of an earlier version: %w", err)
	}
	return false, nil
}

// read returns nil if the data has no version.
func read(ctx context.Context, db *mongo.Database) (*document, error) {
	var found document
	err := control(db).FindOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlSchema}}).Decode(&found)
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the version of the data: %w", err)
	case found.Version > Current:
		return nil, &NewerError{found.Version}
	}
	return &found, nil
}

func control(db *mongo.Database) *mongo.Collection {
	return mongox.MajorityCollection(db, grapevine.CollectionControl)
}
