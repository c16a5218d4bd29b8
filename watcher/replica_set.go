package watcher

import (
	"context"
	"errors"
	"fmt"

	"grapevine/internal/mongox"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

const codeUnauthorized = 13

// replicaSetID identifies the replica set for its whole life. If our user may not read its configuration,
// the name of the set stands in.
func replicaSetID(ctx context.Context, db *mongo.Database) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	admin := db.Client().Database("admin")
	raw, err := admin.RunCommand(ctx, bson.D{{Key: "replSetGetConfig", Value: 1}}).Raw()
	if mongox.HasCode(err, codeUnauthorized) {
		raw, err = admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Raw()
		if err != nil {
			return "", fmt.Errorf("read the name of the replica set: %w", err)
		}
		name, _ := raw.Lookup("setName").StringValueOK()
		return "name:" + name, nil
	}
	if err != nil {
		return "", fmt.Errorf("read the id of the replica set: %w", err)
	}
	id, ok := raw.Lookup("config", "settings", "replicaSetId").ObjectIDOK()
	if !ok {
		return "", errors.New("the configuration of the replica set has no settings.replicaSetId")
	}
	return id.Hex(), nil
}
