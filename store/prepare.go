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

// PrepareCollection creates the collection with its validator and with pre- and post-images, or corrects what exists. It
// looks first, and needs the right to change the collection only if something is wrong. It fails with [ErrStandalone]
// if MongoDB is not a replica set, which has no change streams. The collection is not fit for use without its
// images; a validator that cannot be set is one of [Store.Problems].
func (s *Store) PrepareCollection(ctx context.Context) error {
	if err := s.RequireReplicaSet(ctx); err != nil {
		return fmt.Errorf("prepare the contacts: %w", err)
	}
	found, err := mongox.FindCollection(ctx, s.db, grapevine.CollectionContacts)
	if err == nil && found == nil {
		create := append(bson.D{{Key: "create", Value: grapevine.CollectionContacts}, images(), {Key: "validator", Value: ownValidator()}}, validation()...)
		if err = s.db.RunCommand(ctx, create).Err(); mongox.HasCode(err, mongox.CodeNamespaceExists) { // another instance was faster
			found, err = mongox.FindCollection(ctx, s.db, grapevine.CollectionContacts)
		}
	}
	if err != nil {
		return fmt.Errorf("prepare the collection of contacts: %w", err)
	}
	if found == nil {
		return nil
	}
	if found.Type != "collection" {
		return fmt.Errorf("prepare the collection of contacts: %s is a %s, and only a collection has change events; rename it, or choose another MONGO_DB", grapevine.CollectionContacts, found.Type)
	}
	return s.correctCollection(ctx, found.Options)
}

// correctCollection switches on the images and sets the validator, in one command if both are wrong.
func (s *Store) correctCollection(ctx context.Context, found bson.Raw) error {
	change := bson.D{{Key: "collMod", Value: grapevine.CollectionContacts}}
	imagesOff := !found.Lookup("changeStreamPreAndPostImages", "enabled").Equal(bson.RawValue{Type: bson.TypeBoolean, Value: []byte{1}})
	if imagesOff {
		change = append(change, images())
	}
	correction := correctValidator(found)
	change = append(change, correction.change...)
	if len(change) == 1 {
		s.validator.Store(nil)
		return nil
	}
	err := s.db.RunCommand(ctx, change).Err()
	switch {
	case err == nil:
		s.validator.Store(nil)
		s.changed(correction.said)
		return nil
	case imagesOff:
		return fmt.Errorf("switch on the pre- and post-images of %s, which an administrator can do once with `grapevine prepare`: %w", grapevine.CollectionContacts, err)
	case mongox.Unavailable(err):
		return fmt.Errorf("set the validator of %s: %w", grapevine.CollectionContacts, err)
	}
	s.validator.Store(&mongox.Problem{
		Name: "validator", State: problemState(err),
		Message: "MongoDB does not check all rules for contacts: " + mongox.Text(err) + " An administrator can set the validator once with `grapevine prepare`.",
	})
	return nil
}

func problemState(err error) string {
	if _, denied := mongox.DenialOf(err); denied {
		return mongox.Unauthorized
	}
	return mongox.Failed
}

// changed tells the administrator what was changed in a collection that others may have set up.
func (s *Store) changed(said string) {
	if said != "" {
		s.log.Warn(said)
	}
}

func images() bson.E {
	return bson.E{Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: true}}}
}

// PrepareIndexes creates the missing indexes in one pass over the contacts, and then drops those of earlier versions
// that no query uses. On a large collection that takes minutes; contacts can be read and written meanwhile. An index
// that cannot be made is one of [Store.Problems]. See [mongox.Indexes.Ensure] about ctx.
func (s *Store) PrepareIndexes(ctx context.Context) error { return s.indexes.Ensure(ctx) }

// Problems are what is wrong with the collection and its indexes, as the latest preparation found it.
func (s *Store) Problems() []mongox.Problem {
	problems := slices.Clone(s.indexes.Problems())
	if p := s.validator.Load(); p != nil {
		problems = append(problems, *p)
	}
	return problems
}

// RequireReplicaSet fails with [ErrStandalone] if MongoDB is not a replica set.
func (s *Store) RequireReplicaSet(ctx context.Context) error {
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
