package store_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/store"
)

func states(s *store.Store) map[string]string {
	found := map[string]string{}
	for _, p := range s.Problems() {
		found[p.Name] = p.State
	}
	return found
}

// An index of others is used if it has our keys, and named if it is in the way.
func TestIndexesOfOthers(t *testing.T) {
	db := realtest.New(t).DB(t)
	indexes := db.Collection(grapevine.CollectionContacts).Indexes()
	_, err := indexes.CreateMany(deadline(t), []mongo.IndexModel{
		{Keys: bson.D{{Key: "lastName", Value: 1}, {Key: "firstName", Value: 1}}},
		{Keys: bson.D{{Key: "workspace", Value: 1.0}, {Key: "_form.created", Value: 1.0}, {Key: "_id", Value: 1.0}}, Options: options.Index().SetName("theirs")},
		{Keys: bson.D{{Key: "notes", Value: "text"}}},
	})
	require.NoError(t, err)
	s := store.New(db, store.Config{})
	require.NoError(t, s.Prepare(t.Context()))
	require.Equal(t, map[string]string{"in_texts": "conflict"}, states(s))
	create(t, s, ada())
	page, err := s.List(deadline(t), grapevine.Query{Workspace: ws, Limit: 1, Sort: "createdAt"}, grapevine.Position{})
	require.NoError(t, err, "their index serves")
	require.Len(t, page.Items, 1)
	_, err = s.List(deadline(t), grapevine.Query{Workspace: ws, Limit: 1, Text: "ada"}, grapevine.Position{})
	require.ErrorContains(t, err, "notes_text")
	require.NoError(t, indexes.DropOne(deadline(t), "notes_text"))
	require.NoError(t, db.RunCommand(deadline(t), bson.D{
		{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "index", Value: bson.D{{Key: "name", Value: "form_name"}, {Key: "hidden", Value: true}}},
	}).Err())
	require.Eventually(t, func() bool { // a failed build is tried again after a pause
		require.NoError(t, s.Prepare(t.Context()))
		return maps.Equal(map[string]string{"form_name": "hidden"}, states(s))
	}, 20*time.Second, 50*time.Millisecond)
}

// The rules of a DBA stay in force beside ours.
func TestAStricterValidatorIsMerged(t *testing.T) {
	s, db := prepared(t)
	set := func(validator bson.D) {
		require.NoError(t, db.RunCommand(deadline(t), bson.D{{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "validator", Value: validator}}).Err())
		require.NoError(t, s.Prepare(t.Context()))
		require.NoError(t, s.Prepare(t.Context()), "and stays merged")
	}
	insert := func(d ...bson.E) error {
		_, err := db.Collection(grapevine.CollectionContacts).InsertOne(deadline(t), bson.D(d))
		return err
	}
	person := []bson.E{{Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "Ada"}}
	set(bson.D{{Key: "email", Value: bson.D{{Key: "$exists", Value: true}}}})
	require.Error(t, insert(person...), "their rule")
	email := bson.E{Key: "email", Value: "ada@example.org"}
	require.Error(t, insert(email), "our rule")
	require.NoError(t, insert(append(person, email)...))
	set(bson.D{})
	require.NoError(t, insert(person...))
	require.Error(t, insert(email), "ours is set again")
}
