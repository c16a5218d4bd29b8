package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// An update leaves a field that it did not touch as it is stored. A replacement writes every field of a contact, and
// no other field.
func TestReplaceWritesEveryField(t *testing.T) {
	s, db := prepared(t)
	wrong := bson.D{
		{Key: "notes", Value: 5},
		{Key: "phone", Value: nil},
		{Key: "company", Value: bson.A{"a"}},
		{Key: "organizationId", Value: "x"},
		{Key: "tags", Value: bson.A{"a", 7}},
		{Key: "addresses", Value: bson.A{bson.D{{Key: "city", Value: 1}, {Key: "street", Value: "Main"}}}},
	}
	id := bson.NewObjectID()
	insertRaw(t, db, append(bson.D{
		{Key: "_id", Value: id},
		{Key: "workspace", Value: ws},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Ada"},
		{Key: "own", Value: 1},
	}, wrong...))
	stored := func() bson.Raw {
		raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{{Key: "_id", Value: id}}).Raw()
		require.NoError(t, err)
		return raw
	}
	before := stored()

	_, _, err := s.Update(deadline(t), ws, id.Hex(), nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Emails = []grapevine.Entry{{Value: "ada@example.com"}}
		return c, nil
	})
	require.NoError(t, err)
	for _, e := range wrong {
		require.True(t, before.Lookup(e.Key).Equal(stored().Lookup(e.Key)), "an update of another field leaves %s", e.Key)
	}

	shown, err := s.Get(deadline(t), ws, id.Hex(), grapevine.Position{})
	require.NoError(t, err)
	shown.LastName = "Lovelace"
	replace := func() grapevine.Position {
		_, at, err := s.Replace(deadline(t), ws, id.Hex(), nil, func(grapevine.Contact) (grapevine.Contact, error) { return shown, nil })
		require.NoError(t, err)
		require.False(t, at.IsZero())
		return at
	}
	replace()
	raw := stored()
	for _, name := range []string{"notes", "phone", "company", "organizationId"} {
		require.True(t, raw.Lookup(name).IsZero(), name)
	}
	var lists struct {
		Tags      []string
		Addresses []map[string]string
		Own       int
	}
	require.NoError(t, bson.Unmarshal(raw, &lists))
	require.Equal(t, []string{"a"}, lists.Tags)
	require.Equal(t, []map[string]string{{"street": "Main"}}, lists.Addresses)
	require.Equal(t, 1, lists.Own, "a field that is not a contact's stays")

	replace()
	require.Equal(t, raw, stored(), "a replacement that changes nothing writes nothing")
	shown.Notes = "changed"
	replace()
	require.Equal(t, "changed", stored().Lookup("notes").StringValue())
}
