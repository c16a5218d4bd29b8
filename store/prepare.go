package store

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// Prepare makes the collection of contacts and its indexes as they have to be, whether they are there
// already or not. It may run any number of times, on several instances at once. See
// [Store.PrepareIndexes] about ctx.
func (s *Store) Prepare(ctx context.Context) error {
	if err := s.PrepareCollection(ctx); err != nil {
		return err
	}
	return s.PrepareIndexes(ctx)
}

// PrepareCollection makes the collection with pre- and post-images and validator. It fails on a MongoDB
// that is not a replica set, which has no change streams.
func (s *Store) PrepareCollection(ctx context.Context) error {
	if err := s.needReplicaSet(ctx); err != nil {
		return fmt.Errorf("prepare the contacts: %w", err)
	}
	properties := bson.D{
		{Key: "validator", Value: bson.D{{Key: "$jsonSchema", Value: schema()}}},
		// Moderate: a document that broke the rules before may be mended step by step.
		{Key: "validationLevel", Value: "moderate"},
		{Key: "validationAction", Value: "error"},
		{Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: true}}},
	}
	err := s.db.RunCommand(ctx, append(bson.D{{Key: "create", Value: Collection}}, properties...)).Err()
	if hasCode(err, 48) { // NamespaceExists
		err = s.modify(ctx, properties)
	}
	if err != nil {
		return fmt.Errorf("prepare the collection of contacts: %w", err)
	}
	return nil
}

// PrepareIndexes makes the indexes that are missing, in one pass over the contacts. On a large collection
// it takes minutes, in which the contacts can be read and written. ctx must have no deadline: MongoDB is
// told of it, and when it comes throws away what there is of an index, so that it would never be made.
func (s *Store) PrepareIndexes(ctx context.Context) error {
	all := indexes()
	err := s.createIndexes(ctx, all...)
	if !conflicts(err) {
		if err != nil {
			err = fmt.Errorf("prepare the indexes: %w", err)
		}
		return err
	}
	for _, index := range all {
		if err := s.ensure(ctx, index); err != nil {
			return fmt.Errorf("prepare the index %s: %w", index.name, err)
		}
	}
	return nil
}

// modify gives the collection these properties, if it has not got them. collMod waits for every
// transaction on the collection to end, that of a killed instance included, which MongoDB keeps for a
// minute; and every write that comes after it waits for collMod. So a start must not need it.
func (s *Store) modify(ctx context.Context, properties bson.D) error {
	var have struct {
		Cursor struct {
			FirstBatch []struct {
				Options bson.Raw `bson:"options"`
			} `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	list := bson.D{{Key: "listCollections", Value: 1}, {Key: "filter", Value: bson.D{{Key: "name", Value: Collection}}}}
	if err := s.db.RunCommand(ctx, list).Decode(&have); err != nil {
		return err
	}
	if len(have.Cursor.FirstBatch) == 1 && has(have.Cursor.FirstBatch[0].Options, properties) {
		return nil
	}
	return s.db.RunCommand(ctx, append(bson.D{{Key: "collMod", Value: Collection}}, properties...)).Err()
}

// has reports whether the options hold every one of the properties, as they are.
func has(options bson.Raw, properties bson.D) bool {
	want, err := bson.Marshal(properties)
	if err != nil {
		return false
	}
	elements, _ := bson.Raw(want).Elements()
	for _, element := range elements {
		if !options.Lookup(element.Key()).Equal(element.Value()) {
			return false
		}
	}
	return true
}

// ErrStandalone says that no waiting makes this MongoDB fit.
var ErrStandalone = errors.New("not a replica set")

func (s *Store) needReplicaSet(ctx context.Context) error {
	var hello struct {
		Set string `bson:"setName"`
		Msg string `bson:"msg"`
	}
	if err := s.db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return err
	}
	if hello.Set == "" && hello.Msg != "isdbgrid" {
		return fmt.Errorf("%w: MongoDB runs alone, not as a replica set, and so has no change streams: start mongod with --replSet rs0 and run rs.initiate() once", ErrStandalone)
	}
	return nil
}

// ensure makes an index, in the place of one that has its name or its keys but another definition.
func (s *Store) ensure(ctx context.Context, index index) error {
	if err := s.createIndexes(ctx, index); !conflicts(err) {
		return err
	}
	if err := s.contacts.Indexes().DropOne(ctx, index.name); err != nil && !hasCode(err, codeIndexNotFound) {
		return err
	}
	return s.createIndexes(ctx, index)
}

func (s *Store) createIndexes(ctx context.Context, indexes ...index) error {
	definitions := bson.A{}
	for _, index := range indexes {
		definitions = append(definitions, index.definition())
	}
	return s.db.RunCommand(ctx, bson.D{{Key: "createIndexes", Value: Collection}, {Key: "indexes", Value: definitions}}).Err()
}

// conflicts reports an index that has the name or the keys, but another definition.
func conflicts(err error) bool {
	return hasCode(err, 85) || hasCode(err, 86) // IndexOptionsConflict, IndexKeySpecsConflict
}

func hasCode(err error, code int) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && server.HasErrorCode(code)
}

// schema is what a direct edit must keep to. It holds what the rest of the system relies on and no
// more: lengths and formats are the API's.
func schema() bson.D {
	list := func(of bson.D) bson.D {
		return bson.D{{Key: "bsonType", Value: "array"}, {Key: "items", Value: of}}
	}
	is := func(bsonType string) bson.D { return bson.D{{Key: "bsonType", Value: bsonType}} }
	text := func(names ...string) (properties bson.D) {
		for _, name := range names {
			properties = append(properties, bson.E{Key: name, Value: is("string")})
		}
		return properties
	}
	ofKind := func(kind grapevine.Kind, name string) bson.D {
		return bson.D{
			{Key: "properties", Value: bson.D{
				{Key: "kind", Value: bson.D{{Key: "enum", Value: bson.A{string(kind)}}}},
				{Key: name, Value: bson.D{{Key: "bsonType", Value: "string"}, {Key: "minLength", Value: 1}}},
			}},
			{Key: "required", Value: bson.A{name}},
		}
	}
	properties := bson.D{
		{Key: "_id", Value: is("objectId")},
		{Key: "workspace", Value: bson.D{{Key: "bsonType", Value: "string"}, {Key: "pattern", Value: "^[a-z0-9][a-z0-9-]{0,62}$(?!\n)"}}},
		{Key: "kind", Value: bson.D{{Key: "enum", Value: bson.A{string(grapevine.Person), string(grapevine.Organization)}}}},
		{Key: "organizationId", Value: is("objectId")},
		{Key: "addresses", Value: list(bson.D{
			{Key: "bsonType", Value: "object"},
			{Key: "properties", Value: text("label", "street", "city", "region", "postalCode", "country")},
		})},
		{Key: "tags", Value: list(is("string"))},
		{Key: "createdAt", Value: is("date")},
		{Key: "updatedAt", Value: is("date")},
		{Key: "_meta", Value: is("object")},
	}
	return bson.D{
		{Key: "bsonType", Value: "object"},
		{Key: "required", Value: bson.A{"_id", "workspace", "kind"}},
		{Key: "properties", Value: append(properties,
			text("firstName", "lastName", "name", "email", "phone", "company", "notes", "owner")...)},
		{Key: "anyOf", Value: bson.A{ofKind(grapevine.Person, "firstName"), ofKind(grapevine.Organization, "name")}},
	}
}
