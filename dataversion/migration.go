package dataversion

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// settleTime is how long an instance of an earlier version may end what it had begun, after the version was raised; see
// docs/guarantees.md.
const settleTime = 45 * time.Second

// migration is the part of the record that says how far the data of an earlier version is migrated. Times are MongoDB's.
type migration struct {
	From     int64      `bson:"from"`
	RaisedAt time.Time  `bson:"raisedAt"`
	EndedAt  *time.Time `bson:"endedAt"`
}

// Migration is the upgrade of data from an earlier version.
type Migration struct{ DB *mongo.Database }

// Pending reports whether data of an earlier version is left, and since when no earlier program writes any more.
func (m Migration) Pending(ctx context.Context) (settled time.Time, pending bool, err error) {
	found, err := read(ctx, m.DB)
	if err != nil || found == nil || found.Migration == nil || found.Migration.EndedAt != nil {
		return time.Time{}, false, err
	}
	return found.Migration.RaisedAt.Add(settleTime), true, nil
}

// End records that all data has the current version.
func (m Migration) End(ctx context.Context) error {
	_, err := control(m.DB).UpdateOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlSchema}, {Key: "version", Value: int64(Current)}, {Key: "migration", Value: bson.D{{Key: "$exists", Value: true}}}},
		mongo.Pipeline{{{Key: "$set", Value: bson.D{{Key: "migration.endedAt", Value: "$$NOW"}}}}})
	if err != nil {
		return fmt.Errorf("record the end of the migration: %w", err)
	}
	return nil
}
