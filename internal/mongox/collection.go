package mongox

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// CodeNamespaceExists is the error code of a command that creates a collection that exists.
const CodeNamespaceExists = 48

// Collection is what MongoDB lists of a collection.
type Collection struct {
	Type    string   `bson:"type"` // collection, view or timeseries
	Options bson.Raw `bson:"options"`
}

// MajorityCollection returns a collection whose writes wait for a majority, and whose reads are majority reads of the primary.
func MajorityCollection(db *mongo.Database, name string) *mongo.Collection {
	return db.Collection(name, options.Collection().
		SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()))
}

// FindCollection returns a collection, or nil if there is none of the name.
func FindCollection(ctx context.Context, db *mongo.Database, name string) (*Collection, error) {
	var list struct {
		Cursor struct {
			FirstBatch []Collection `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	command := bson.D{{Key: "listCollections", Value: 1}, {Key: "filter", Value: bson.D{{Key: "name", Value: name}}}}
	if err := db.RunCommand(ctx, command).Decode(&list); err != nil {
		return nil, err
	}
	if len(list.Cursor.FirstBatch) == 0 {
		return nil, nil
	}
	return &list.Cursor.FirstBatch[0], nil
}

// EnsureCollection creates the collection with these options, or changes an existing one that has others.
// The options must be valid for both commands, create and collMod. It looks first, and runs neither command if nothing
// differs: the user may not have the right, and a collMod waits for every open transaction on the collection while all
// later writes wait for the collMod. That takes a minute if an instance was killed in a transaction.
func EnsureCollection(ctx context.Context, db *mongo.Database, name string, options bson.D) error {
	found, err := FindCollection(ctx, db, name)
	if err == nil && found == nil {
		err = db.RunCommand(ctx, append(bson.D{{Key: "create", Value: name}}, options...)).Err()
		if !HasCode(err, CodeNamespaceExists) {
			return err
		}
		found, err = FindCollection(ctx, db, name) // somebody else was faster
	}
	if err != nil || found != nil && contains(found.Options, options) {
		return err
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
