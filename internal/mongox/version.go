package mongox

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// ServerVersion returns the version of the server. It needs no right.
func ServerVersion(ctx context.Context, db *mongo.Database) (string, error) {
	var info struct {
		Version string `bson:"version"`
	}
	err := db.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info)
	return info.Version, err
}
