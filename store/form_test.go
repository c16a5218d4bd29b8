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

// requireFormed fails if the derived part of a contact is not that of its fields, and returns it.
func requireFormed(t testing.TB, db *mongo.Database, id string) (stored derived.Form) {
	t.Helper()
	oid, err := bson.ObjectIDFromHex(id)
	require.NoError(t, err)
	raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{{Key: "_id", Value: oid}}).Raw()
	require.NoError(t, err)
	require.NoError(t, bson.Unmarshal(raw.Lookup("_form").Document(), &stored))
	contact, err := store.Decode(raw)
	require.NoError(t, err)
	require.Equal(t, derived.Of(&contact), stored)
	return stored
}

func TestTheStoredDerivedPartHasEveryField(t *testing.T) {
	contact := ada()
	contact.SetVirtual()
	marshaled, err := bson.Marshal(derived.Of(&contact))
	require.NoError(t, err)
	require.Equal(t, bson.Raw(marshaled).String(), store.FormDocument(&contact).String())
}

func TestEveryWriteStoresTheDerivedPart(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	requireName := func(t *testing.T, id, name string) {
		t.Helper()
		require.Equal(t, name, requireFormed(t, db, id).Name)
	}
	created := create(t, s, ada())
	requireName(t, created.ID, "lovelace\tada")

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
			requireName(t, created.ID, derived.Fold(w.lastName)+"\tada")
		})
	}

	t.Run("many", func(t *testing.T) {
		refused, _, err := s.AddImported(ctx, grapevine.ImportedContacts{Contacts: withIDs(organization("Zuse"), ada())})
		require.NoError(t, err)
		require.Empty(t, refused)
		missing := organization("Aiken")
		missing.ID = bson.NewObjectID().Hex()
		require.NoError(t, s.AddMissing(ctx, []grapevine.Contact{missing}))
		for _, c := range decodeAll(t, db) {
			requireFormed(t, db, c.ID)
		}
		requireName(t, missing.ID, "aiken")
	})
}

// insertUnformed inserts contacts as a person does in mongosh, and returns their ids.
func insertUnformed(t testing.TB, db *mongo.Database, docs ...bson.D) (ids []string) {
	t.Helper()
	for _, doc := range docs {
		id := bson.NewObjectID()
		insertRaw(t, db, append(bson.D{{Key: "_id", Value: id}}, doc...))
		ids = append(ids, id.Hex())
	}
	return ids
}

func TestFormCompletesContactsThatLackIt(t *testing.T) {
	s, db := prepared(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	person := func(more ...bson.E) bson.D {
		return append(bson.D{{Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "Ada"}}, more...)
	}
	ids := insertUnformed(t, db,
		person(), person(bson.E{Key: "email", Value: "ada@example.org"}), person(bson.E{Key: "tags", Value: bson.A{"$a", "b.c"}}),
		person(bson.E{Key: "_form", Value: bson.D{{Key: "name", Value: "other"}}}), bson.D{{Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}})
	created := create(t, s, ada())
	done, err := s.Form(deadline(t), append(ids, created.ID, bson.NewObjectID().Hex(), "no id"))
	require.NoError(t, err)
	require.Equal(t, grapevine.Forming{Last: created.ID, Seen: 6, Written: 5}, done)
	for _, id := range ids {
		requireFormed(t, db, id)
	}

	t.Run("again", func(t *testing.T) {
		done, err := s.Form(deadline(t), ids)
		require.NoError(t, err)
		require.Zero(t, done.Written)
	})
	t.Run("a part of a newer version stays", func(t *testing.T) {
		_, err := contacts.UpdateOne(deadline(t), bson.D{{Key: "firstName", Value: "Ada"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "_form.of", Value: "999.x"}, {Key: "_form.w", Value: bson.A{}}}}})
		require.NoError(t, err)
		done, err := s.Form(deadline(t), ids)
		require.NoError(t, err)
		require.Zero(t, done.Written)
	})
	t.Run("a corrupted part is healed", func(t *testing.T) {
		for _, broken := range []bson.D{
			{{Key: "_form.w", Value: bson.A{"n:other"}}}, {{Key: "_form.name", Value: 1}}, {{Key: "_form.of", Value: "1.x"}}, {{Key: "_form", Value: bson.D{}}},
		} {
			_, err := contacts.UpdateOne(deadline(t), bson.D{{Key: "email", Value: "ada@example.org"}}, bson.D{{Key: "$set", Value: broken}})
			require.NoError(t, err)
			done, err := s.Form(deadline(t), ids)
			require.NoError(t, err)
			require.Equal(t, 1, done.Written, "%v", broken)
			requireFormed(t, db, ids[1])
		}
	})
	t.Run("a contact that MongoDB refuses is named, and the others are written", func(t *testing.T) {
		require.NoError(t, db.RunCommand(deadline(t), bson.D{
			{Key: "collMod", Value: grapevine.CollectionContacts},
			{Key: "validator", Value: bson.D{{Key: "_form.name", Value: bson.D{{Key: "$ne", Value: "refused"}}}}},
		}).Err())
		ids := insertUnformed(t, db, person(bson.E{Key: "lastName", Value: "1"}), bson.D{{Key: "workspace", Value: ws}, {Key: "kind", Value: "organization"}, {Key: "name", Value: "refused"}}, person())
		done, err := s.Form(deadline(t), ids)
		require.NoError(t, err)
		require.Equal(t, 2, done.Written)
		require.Len(t, done.Refused, 1)
		require.Equal(t, ids[1], done.Refused[0].ID)
	})
}

func TestFormNextGoesThroughAllAndFoldsEarlierFields(t *testing.T) {
	s, db := prepared(t)
	earlier := bson.D{
		{Key: "workspace", Value: ws},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Ada"},
		{Key: "email", Value: "ada@example.org"},
		{Key: "phone", Value: "+44 20 1"},
	}
	ids := insertUnformed(t, db, earlier, earlier, append(earlier[:3:3], bson.E{Key: "email", Value: ""}))
	var seen, written int
	for last := ""; ; {
		done, err := s.FormNext(deadline(t), last, 2, true)
		require.NoError(t, err)
		seen, written = seen+done.Seen, written+done.Written
		if last = done.Last; last == "" {
			break
		}
	}
	require.Equal(t, []int{3, 3}, []int{seen, written})
	for i, id := range ids {
		requireFormed(t, db, id)
		raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{{Key: "firstName", Value: "Ada"}, {Key: "email", Value: bson.D{{Key: "$exists", Value: false}}}, {Key: "phone", Value: bson.D{{Key: "$exists", Value: false}}}}).Raw()
		require.NoError(t, err)
		if i < 2 {
			require.JSONEq(t, `[{"value": "ada@example.org"}]`, raw.Lookup("emails").String())
		}
	}
	done, err := s.FormNext(deadline(t), "", 10, true)
	require.NoError(t, err)
	require.Zero(t, done.Written)
}

// An edit between the read and the write makes the write match nothing.
func TestFormNeverOverwritesANewerEdit(t *testing.T) {
	s, db := prepared(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	ids := insertUnformed(t, db, bson.D{{Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "0"}})
	for _, edit := range []bson.E{
		{Key: "firstName", Value: "1"}, {Key: "emails", Value: bson.A{bson.D{{Key: "value", Value: "x@example.org"}}}}, {Key: "phone", Value: "123"}, {Key: "tags", Value: bson.A{"x"}},
	} {
		written, err := s.FormAfter(deadline(t), ids, func() {
			_, err := contacts.UpdateMany(deadline(t), bson.D{}, bson.D{{Key: "$set", Value: bson.D{edit}}})
			require.NoError(t, err)
		})
		require.NoError(t, err)
		require.Zero(t, written, edit.Key)
		done, err := s.Form(deadline(t), ids)
		require.NoError(t, err)
		require.Equal(t, 1, done.Written)
		requireFormed(t, db, ids[0])
		_, err = contacts.UpdateMany(deadline(t), bson.D{}, bson.D{{Key: "$unset", Value: bson.D{{Key: "_form", Value: ""}}}})
		require.NoError(t, err)
	}
}

func TestSearchesArePartialWhileContactsAreFormed(t *testing.T) {
	s, _ := prepared(t)
	create(t, s, ada())
	search := grapevine.Query{Workspace: ws, Words: "ada", Limit: 10}
	for _, forming := range []bool{true, false} {
		s.SetForming(forming)
		page, err := s.List(deadline(t), search, grapevine.Position{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, forming, page.Partial)
	}
}
