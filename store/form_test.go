package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/derived"
	"grapevine/store"
)

// formOf reads the derived part of a contact, and what it should be.
func formOf(t testing.TB, db *mongo.Database, id string) (stored, right derived.Form) {
	t.Helper()
	oid, err := bson.ObjectIDFromHex(id)
	require.NoError(t, err)
	raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{{Key: "_id", Value: oid}}).Raw()
	require.NoError(t, err)
	require.NoError(t, bson.Unmarshal(raw.Lookup("_form").Document(), &stored))
	contact, err := store.Decode(raw)
	require.NoError(t, err)
	return stored, derived.Of(&contact)
}

func TestEveryWriteStoresTheDerivedPart(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	requireFormed := func(t *testing.T, id, name string) {
		t.Helper()
		stored, right := formOf(t, db, id)
		require.Equal(t, right, stored)
		require.Equal(t, name, stored.Name)
	}
	created := create(t, s, ada())
	requireFormed(t, created.ID, "lovelace\tada")

	writes := []struct {
		name, lastName string
		write          func(lastName string) error
	}{
		{"update", "King", func(lastName string) error {
			_, _, err := s.Update(ctx, created.Workspace, created.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
				c.LastName = lastName
				return c, nil
			})
			return err
		}},
		{"replace", "Byron", func(lastName string) error {
			_, _, err := s.Replace(ctx, created.Workspace, created.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
				return grapevine.Contact{Workspace: c.Workspace, Kind: c.Kind, FirstName: "Ada", LastName: lastName}, nil
			})
			return err
		}},
		{"update after a direct edit", "Noel", func(lastName string) error {
			_, err := db.Collection(grapevine.CollectionContacts).UpdateOne(ctx, bson.D{{Key: "workspace", Value: created.Workspace}},
				bson.D{{Key: "$set", Value: bson.D{{Key: "email", Value: "ada@example.org"}, {Key: "_form", Value: bson.D{{Key: "w", Value: 1}}}}}})
			require.NoError(t, err)
			_, _, err = s.Update(ctx, created.Workspace, created.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
				c.LastName = lastName
				return c, nil
			})
			return err
		}},
	}
	for _, w := range writes {
		t.Run(w.name, func(t *testing.T) {
			require.NoError(t, w.write(w.lastName))
			requireFormed(t, created.ID, derived.Fold(w.lastName)+"\tada")
		})
	}

	t.Run("many", func(t *testing.T) {
		n, _, err := s.CreateMany(ctx, []grapevine.Contact{organization("Zuse"), ada()})
		require.NoError(t, err)
		require.Equal(t, 2, n)
		missing := organization("Aiken")
		missing.ID = bson.NewObjectID().Hex()
		require.NoError(t, s.AddMissing(ctx, []grapevine.Contact{missing}))
		for _, c := range decodeAll(t, db) {
			stored, right := formOf(t, db, c.ID)
			require.Equal(t, right, stored)
		}
		requireFormed(t, missing.ID, "aiken")
	})
}
