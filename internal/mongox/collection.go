package mongox

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

const codeNamespaceExists = 48

// EnsureCollection creates the collection with these options, or changes an existing one that has others.
// The options must be valid for both commands, create and collMod. If nothing differs, EnsureCollection does not run
// collMod. A collMod waits for every open transaction on the collection, and all later writes wait for the collMod.
// That takes a minute if an instance was killed in a transaction.
func EnsureCollection(ctx context.Context, db *mongo.Database, name string, options bson.D) error {
	err := db.RunCommand(ctx, append(bson.D{{Key: "create", Value: name}}, options...)).Err()
	if server, ok := errors.AsType[mongo.ServerError](err); !ok || !server.HasErrorCode(codeNamespaceExists) {
		return err
	}
	var list struct {
		Cursor struct {
			FirstBatch []struct {
				Options bson.Raw `bson:"options"`
			} `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	command := bson.D{{Key: "listCollections", Value: 1}, {Key: "filter", Value: bson.D{{Key: "name", Value: name}}}}
	if err := db.RunCommand(ctx, command).Decode(&list); err != nil {
		return err
	}
	if found := list.Cursor.FirstBatch; len(found) == 1 && contains(found[0].Options, options) {
		return nil
	}
	return db.RunCommand(ctx, append(bson.D{{Key: "collMod", Value: name}}, options...)).Err()
}

// contains reports whether the document has every one of the options with an equal value.
func contains(document bson.Raw, options bson.D) bool {
	want, err := bson.Marshal(options)
	if err != nil {
		return false
	}
	elements, _ := bson.Raw(want).Elements()
	for _, element := range elements {
		if !document.Lookup(element.Key()).Equal(element.Value()) {
			return false
		}
	}
	return true
}
