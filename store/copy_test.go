package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/store"
)

// A person copies a document in mongosh, with everything that Grapevine wrote into it.
func TestACopyIsAContactOfItsOwn(t *testing.T) {
	s, db := prepared(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	key := grapevine.Idempotency{Key: "k", Fingerprint: "f"}
	original, _, _, err := s.Create(deadline(t), ada(), key)
	require.NoError(t, err)
	raw := func(id any) (d bson.M) {
		require.NoError(t, contacts.FindOne(deadline(t), bson.D{{Key: "_id", Value: id}}).Decode(&d))
		return d
	}
	oid, err := bson.ObjectIDFromHex(original.ID)
	require.NoError(t, err)
	repeat := func(of grapevine.Contact, key grapevine.Idempotency) {
		t.Helper()
		again, _, fresh, err := s.Create(deadline(t), ada(), key)
		require.NoError(t, err)
		require.False(t, fresh)
		require.Equal(t, of.ID, again.ID)
	}
	copied := raw(oid)
	copied["_id"] = bson.ObjectID{} // before the original in every order of ids
	_, err = contacts.InsertOne(deadline(t), copied)
	require.NoError(t, err)
	repeat(original, key)

	// Copies by an aggregation.
	require.NoError(t, db.RunCommand(deadline(t), bson.D{
		{Key: "aggregate", Value: grapevine.CollectionContacts},
		{Key: "pipeline", Value: bson.A{
			bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}}}},
			bson.D{{Key: "$merge", Value: bson.D{{Key: "into", Value: grapevine.CollectionContacts}}}},
		}},
		{Key: "cursor", Value: bson.D{}},
	}).Err())
	n, err := contacts.CountDocuments(deadline(t), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 4, n)
	repeat(original, key)

	// An edit of the copy makes the mark its own, without the key.
	edited, _, err := s.Update(deadline(t), ws, bson.ObjectID{}.Hex(), nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes = "mine"
		return c, nil
	})
	require.NoError(t, err)
	require.Equal(t, "mine", edited.Notes)
	meta, err := bson.Marshal(raw(bson.ObjectID{})["_meta"])
	require.NoError(t, err)
	require.Equal(t, bson.ObjectID{}, bson.Raw(meta).Lookup("id").ObjectID())
	require.True(t, bson.Raw(meta).Lookup("key").IsZero())
	repeat(original, key)

	// A document that somebody replaced is still the contact of its key.
	_, err = contacts.ReplaceOne(deadline(t), bson.D{{Key: "_id", Value: oid}}, bson.D{{Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "B"}})
	require.NoError(t, err)
	repeat(original, key)

	// Without the original, the key is free, whatever copies there are.
	_, err = s.Delete(deadline(t), ws, original.ID, nil)
	require.NoError(t, err)
	_, _, fresh, err := s.Create(deadline(t), ada(), key)
	require.NoError(t, err)
	require.True(t, fresh)
}

// Earlier versions gave every contact a new id, kept keys in a unique index, and their mark names no contact.
func TestAKeyOfAnEarlierVersionIsFound(t *testing.T) {
	s, db := prepared(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	require.NoError(t, contacts.Indexes().DropOne(deadline(t), "created_by_key"))
	require.NoError(t, db.RunCommand(deadline(t), bson.D{{Key: "createIndexes", Value: grapevine.CollectionContacts}, {Key: "indexes", Value: bson.A{bson.D{
		{Key: "name", Value: "idempotency_key"},
		{Key: "key", Value: bson.D{{Key: "_meta.key", Value: 1}}},
		{Key: "unique", Value: true},
		{Key: "partialFilterExpression", Value: bson.D{{Key: "_meta.key", Value: bson.D{{Key: "$exists", Value: true}}}}},
	}}}}).Err())
	old := bson.D{
		{Key: "_id", Value: bson.NewObjectID()},
		{Key: "workspace", Value: ws},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Ada"},
		{Key: "_meta", Value: bson.D{{Key: "write", Value: bson.NewObjectID()}, {Key: "key", Value: ws + "/k"}, {Key: "fingerprint", Value: "f"}}},
	}
	_, err := contacts.InsertOne(deadline(t), old)
	require.NoError(t, err)
	require.NoError(t, s.Prepare(deadline(t)))
	for range 3 {
		copied := append(bson.D{{Key: "_id", Value: bson.NewObjectID()}}, old[1:]...)
		_, err = contacts.InsertOne(deadline(t), copied)
		require.NoError(t, err)
	}
	id := old[0].Value.(bson.ObjectID).Hex()
	for _, notes := range []string{"once", "again"} {
		again, _, fresh, err := s.Create(deadline(t), ada(), grapevine.Idempotency{Key: "k", Fingerprint: "f"})
		require.NoError(t, err)
		require.False(t, fresh)
		require.Equal(t, id, again.ID)
		_, _, err = s.Update(deadline(t), ws, id, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
			c.Notes = notes
			return c, nil
		})
		require.NoError(t, err)
	}
	_, _, _, err = s.Create(deadline(t), ada(), grapevine.Idempotency{Key: "k", Fingerprint: "another"})
	require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err))
}

// The search for a key reads the entries of the key, however many contacts there are.
func TestTheSearchForAKeyUsesTheIndexes(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 500)
	key := grapevine.Idempotency{Key: "k", Fingerprint: "f"}
	for range 2 {
		var plan bson.Raw
		require.NoError(t, db.RunCommand(deadline(t), bson.D{
			{Key: "explain", Value: bson.D{
				{Key: "find", Value: grapevine.CollectionContacts},
				{Key: "filter", Value: store.CreatedWith(ws, key)},
				{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}},
				{Key: "limit", Value: 1},
			}},
			{Key: "verbosity", Value: "executionStats"},
		}).Decode(&plan))
		examined, ok := plan.Lookup("executionStats", "totalKeysExamined").AsInt64OK()
		require.True(t, ok)
		require.LessOrEqual(t, examined, int64(5))
		_, _, _, err := s.Create(deadline(t), ada(), key)
		require.NoError(t, err)
	}
}
