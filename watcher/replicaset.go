package watcher

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// replicaSetID identifies the replica set for as long as it lives. Where the user may not read its
// configuration, its name has to do.
func replicaSetID(ctx context.Context, db *mongo.Database) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	admin := db.Client().Database("admin")
	raw, err := admin.RunCommand(ctx, bson.D{{Key: "replSetGetConfig", Value: 1}}).Raw()
	if server, ok := errors.AsType[mongo.ServerError](err); ok && server.HasErrorCode(13) {
		raw, err = admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Raw()
		if err != nil {
			return "", err
		}
		name, _ := raw.Lookup("setName").StringValueOK()
		return "name:" + name, nil
	}
	if err != nil {
		return "", err
	}
	id, ok := raw.Lookup("config", "settings", "replicaSetId").ObjectIDOK()
	if !ok {
		return "", errors.New("its configuration has no settings.replicaSetId")
	}
	return id.Hex(), nil
}
