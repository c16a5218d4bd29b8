package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/mongox"
)

// ErrStandalone says that MongoDB is not a replica set. A retry does not help.
var ErrStandalone = errors.New("not a replica set")

// Prepare creates the collection of contacts and its indexes, or corrects what exists. It may run any number of
// times and in several processes at once. See [Store.PrepareIndexes] about ctx.
func (s *Store) Prepare(ctx context.Context) error {
	if err := s.PrepareCollection(ctx); err != nil {
		return err
	}
	return s.PrepareIndexes(ctx)
}

// PrepareCollection creates the collection with its validator and with pre- and post-images. It fails with
// [ErrStandalone] if MongoDB is not a replica set, which has no change streams.
func (s *Store) PrepareCollection(ctx context.Context) error {
	if err := s.requireReplicaSet(ctx); err != nil {
		return fmt.Errorf("prepare the contacts: %w", err)
	}
	properties := bson.D{
		{Key: "validator", Value: bson.D{{Key: "$jsonSchema", Value: schema()}}},
		// Moderate: a document that broke the rules before can be corrected field by field.
		{Key: "validationLevel", Value: "moderate"},
		{Key: "validationAction", Value: "error"},
		{Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: true}}},
	}
	err := mongox.EnsureCollection(ctx, s.db, grapevine.CollectionContacts, properties)
	if err != nil {
		return fmt.Errorf("prepare the collection of contacts: %w", err)
	}
	return nil
}

// PrepareIndexes creates the missing indexes in one pass over the contacts, and then drops those of earlier versions
// that no query uses. On a large collection that takes minutes; contacts can be read and written meanwhile. ctx must
// have no deadline: the driver sends it to MongoDB, which then discards the partial index, so that a large index would
// never be finished.
func (s *Store) PrepareIndexes(ctx context.Context) error {
	all := indexes()
	err := s.createIndexes(ctx, all...)
	if err != nil && !indexConflict(err) {
		return fmt.Errorf("prepare the indexes: %w", err)
	}
	if err != nil {
		for _, index := range all {
			if err := s.replaceIndex(ctx, index); err != nil {
				return fmt.Errorf("prepare the index %s: %w", index.name, err)
			}
		}
	}
	if err := s.dropOldIndexes(ctx); err != nil {
		return fmt.Errorf("drop the indexes of earlier versions: %w", err)
	}
	return nil
}

func (s *Store) requireReplicaSet(ctx context.Context) error {
	var hello struct {
		Set string `bson:"setName"`
		Msg string `bson:"msg"`
	}
	if err := s.db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return err
	}
	if hello.Set == "" && hello.Msg != "isdbgrid" { // isdbgrid: a sharded cluster
		return fmt.Errorf("%w: MongoDB has no change streams without a replica set. Start mongod with --replSet rs0 and run rs.initiate() once", ErrStandalone)
	}
	return nil
}

// replaceIndex creates an index. It first drops an index with the same name or the same keys but another
// definition.
func (s *Store) replaceIndex(ctx context.Context, index index) error {
	if err := s.createIndexes(ctx, index); !indexConflict(err) {
		return err
	}
	if err := s.dropIndex(ctx, index.name); err != nil {
		return err
	}
	return s.createIndexes(ctx, index)
}

// dropOldIndexes reads which indexes exist first: a drop waits for every open transaction on the contacts.
func (s *Store) dropOldIndexes(ctx context.Context) error {
	existing, err := s.contacts.Indexes().ListSpecifications(ctx)
	if err != nil {
		return err
	}
	for _, index := range existing {
		if slices.Contains(droppedIndexes, index.Name) {
			if err := s.dropIndex(ctx, index.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropIndex drops an index if it exists.
func (s *Store) dropIndex(ctx context.Context, name string) error {
	err := s.contacts.Indexes().DropOne(ctx, name)
	if mongox.HasCode(err, codeIndexNotFound) { // another instance may have dropped it
		return nil
	}
	return err
}

func (s *Store) createIndexes(ctx context.Context, indexes ...index) error {
	definitions := bson.A{}
	for _, index := range indexes {
		definitions = append(definitions, index.definition())
	}
	return s.db.RunCommand(ctx, bson.D{{Key: "createIndexes", Value: grapevine.CollectionContacts}, {Key: "indexes", Value: definitions}}).Err()
}

// indexConflict reports an index with the same name or the same keys but another definition.
func indexConflict(err error) bool { return mongox.HasCode(err, codeIndexOptions, codeIndexKeys) }
