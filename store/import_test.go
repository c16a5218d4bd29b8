package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/derived"
)

// withIDs gives new ids to contacts.
func withIDs(contacts ...grapevine.Contact) []grapevine.Contact {
	for i := range contacts {
		contacts[i].ID = bson.NewObjectID().Hex()
	}
	return contacts
}

func TestImportedContactsAreAddedOnce(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	batch := grapevine.ImportedContacts{Group: "g", Quiet: true, Contacts: withIDs(ada(), organization("Acme"))}
	for range 2 {
		refused, at, err := s.AddImported(ctx, batch)
		require.NoError(t, err)
		require.Empty(t, refused)
		require.Equal(t, at.End(), at)
	}
	var document struct {
		Meta struct {
			Group string
			Quiet bool
		} `bson:"_meta"`
	}
	id, err := bson.ObjectIDFromHex(batch.Contacts[1].ID)
	require.NoError(t, err)
	require.NoError(t, contacts.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&document))
	require.Equal(t, "g", document.Meta.Group)
	require.True(t, document.Meta.Quiet)

	// What an index of an administrator refuses does not concern the others.
	_, err = contacts.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "emails.value", Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)})
	require.NoError(t, err)
	refused, _, err := s.AddImported(ctx, grapevine.ImportedContacts{Contacts: withIDs(ada(), organization("Beta"))})
	require.NoError(t, err)
	require.Len(t, refused, 1)
	require.Contains(t, refused[0], "another contact has the same emails.value")
	n, err := contacts.CountDocuments(ctx, bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
}

func TestContactsAreFoundByTheirKeys(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	person, company := ada(), organization("Acme")
	person.UID = "urn:1"
	batch := withIDs(person, company)
	_, _, err := s.AddImported(ctx, grapevine.ImportedContacts{Contacts: batch})
	require.NoError(t, err)
	directly := bson.NewObjectID()
	_, err = db.Collection(grapevine.CollectionContacts).InsertOne(ctx, bson.D{
		{Key: "_id", Value: directly}, {Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "Eve"}, {Key: "email", Value: "eve@example.com"},
	})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		keys grapevine.ContactKeys
		want []string
	}{
		"none":          {grapevine.ContactKeys{}, nil},
		"a uid":         {grapevine.ContactKeys{UIDs: []string{"urn:1"}}, []string{batch[0].ID}},
		"an absent uid": {grapevine.ContactKeys{UIDs: []string{batch[1].ID, "x"}}, []string{batch[1].ID}},
		"an e-mail":     {grapevine.ContactKeys{Emails: []string{"ada@example.com", "y"}}, []string{batch[0].ID}},
		"a shorthand":   {grapevine.ContactKeys{Emails: []string{"eve@example.com"}}, []string{directly.Hex()}},
		"a name":        {grapevine.ContactKeys{Names: []string{derived.NameText(&company)}}, []string{batch[1].ID}},
	} {
		t.Run(name, func(t *testing.T) {
			found, complete, err := s.FindByKeys(ctx, ws, test.keys)
			require.NoError(t, err)
			require.True(t, complete)
			var ids []string
			for _, c := range found {
				ids = append(ids, c.ID)
			}
			require.Equal(t, test.want, ids)
		})
	}
	found, _, err := s.FindByKeys(ctx, "other", grapevine.ContactKeys{UIDs: []string{"urn:1"}})
	require.NoError(t, err)
	require.Empty(t, found)
}

// A group is the mark of one write: an import marks what it updates, and the next write of anybody else takes the mark away.
func TestEachWriteHasItsOwnGroup(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	batch := withIDs(ada())
	_, _, err := s.AddImported(ctx, grapevine.ImportedContacts{Group: "first", Contacts: batch})
	require.NoError(t, err)
	group := func() (found any) {
		var document struct {
			Meta map[string]any `bson:"_meta"`
		}
		require.NoError(t, db.Collection(grapevine.CollectionContacts).FindOne(ctx, bson.D{}).Decode(&document))
		require.Contains(t, document.Meta, "write")
		return document.Meta["group"]
	}
	title := func(text string) func(grapevine.Contact) (grapevine.Contact, error) {
		return func(c grapevine.Contact) (grapevine.Contact, error) { c.Title = text; return c, nil }
	}
	require.Equal(t, "first", group())
	_, _, err = s.UpdateImported(ctx, "second", ws, batch[0].ID, title("a"))
	require.NoError(t, err)
	require.Equal(t, "second", group())
	_, _, err = s.Update(ctx, ws, batch[0].ID, nil, title("b"))
	require.NoError(t, err)
	require.Nil(t, group())
	_, _, err = s.UpdateImported(ctx, "third", ws, batch[0].ID, title("c"))
	require.NoError(t, err)
	_, _, err = s.Replace(ctx, ws, batch[0].ID, nil, title("d"))
	require.NoError(t, err)
	require.Nil(t, group())
	copied := bson.D{{Key: "$set", Value: bson.D{{Key: "_meta.id", Value: bson.NewObjectID()}}}}
	_, err = db.Collection(grapevine.CollectionContacts).UpdateOne(ctx, bson.D{}, copied)
	require.NoError(t, err)
	_, _, err = s.UpdateImported(ctx, "fourth", ws, batch[0].ID, title("e"))
	require.NoError(t, err)
	require.Equal(t, "fourth", group(), "the mark of a copied document is replaced as a whole")
}
