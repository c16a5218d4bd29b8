package app

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/dataversion"
	"grapevine/internal/mongox"
	"grapevine/ledger"
	"grapevine/store"
	"grapevine/watcher"
)

// Prepare creates or corrects the collections and indexes as an instance does, and returns a line for each thing that
// it did or could not do. An administrator runs it once where the instances lack the rights.
func (c *Connections) Prepare(ctx context.Context) (done []string, err error) {
	err = c.WithDatabase(func(db *mongo.Database) error {
		if err := dataversion.Check(ctx, db); err != nil {
			return err
		}
		before, err := takeInventory(ctx, db)
		if err != nil {
			return fmt.Errorf("look at the database %s: %w", c.MongoDatabase, err)
		}
		s, l := store.New(db, store.Config{}), ledger.New(db)
		if err := s.Prepare(ctx); err != nil {
			return err
		}
		if err := l.Prepare(ctx); err != nil {
			return err
		}
		if err := watcher.PrepareControl(ctx, db); err != nil {
			return err
		}
		after, err := takeInventory(ctx, db)
		if err != nil {
			return err
		}
		done = append(before.changes(after), "The database "+c.MongoDatabase+" is ready.")
		for _, p := range append(s.Problems(), l.Problems()...) {
			done = append(done, p.Name+" is "+p.State+": "+p.Message)
		}
		return nil
	})
	return done, err
}

// inventory is what exists of each collection.
type inventory map[string]collectionState

type collectionState struct {
	options bson.Raw
	indexes []string
}

func takeInventory(ctx context.Context, db *mongo.Database) (inventory, error) {
	found := inventory{}
	for _, name := range []string{grapevine.CollectionContacts, grapevine.CollectionLedger, grapevine.CollectionControl} {
		collection, err := mongox.FindCollection(ctx, db, name)
		if err != nil {
			return nil, err
		}
		if collection == nil {
			continue
		}
		specs, err := db.Collection(name).Indexes().ListSpecifications(ctx)
		if err != nil {
			return nil, err
		}
		state := collectionState{options: collection.Options}
		for _, spec := range specs {
			state.indexes = append(state.indexes, spec.Name)
		}
		found[name] = state
	}
	return found, nil
}

// changes says how after differs.
func (before inventory) changes(after inventory) (lines []string) {
	for _, name := range []string{grapevine.CollectionContacts, grapevine.CollectionLedger, grapevine.CollectionControl} {
		old, existed := before[name]
		now := after[name]
		switch {
		case !existed:
			lines = append(lines, "Created the collection "+name+".")
		case !slices.Equal(old.options, now.options):
			lines = append(lines, "Corrected the options of the collection "+name+" (images and validator).")
		}
		for _, index := range now.indexes {
			if existed && !slices.Contains(old.indexes, index) {
				lines = append(lines, "Created the index "+index+" on "+name+".")
			}
		}
		for _, index := range old.indexes {
			if !slices.Contains(now.indexes, index) {
				lines = append(lines, "Dropped the index "+index+" on "+name+", which nothing needs any more.")
			}
		}
	}
	return lines
}
