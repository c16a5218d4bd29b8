package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// stampOf is _meta of a stored contact.
func stampOf(t *testing.T, db *mongo.Database, id string) bson.Raw {
	t.Helper()
	oid, err := bson.ObjectIDFromHex(id)
	require.NoError(t, err)
	raw, err := db.Collection(grapevine.CollectionContacts).FindOne(deadline(t), bson.D{{Key: "_id", Value: oid}}).Raw()
	require.NoError(t, err)
	meta, ok := raw.Lookup("_meta").DocumentOK()
	require.True(t, ok)
	return meta
}

func author(t *testing.T, meta bson.Raw) (a grapevine.Author) {
	t.Helper()
	var stored struct{ Kind, ID string }
	require.NoError(t, bson.Unmarshal(meta.Lookup("by").Document(), &stored))
	return grapevine.Author{Kind: grapevine.AuthorKind(stored.Kind), ID: stored.ID}
}

// by is a context of a test for writes of an author.
func by(t *testing.T, a grapevine.Author) context.Context {
	t.Helper()
	return grapevine.WithAuthor(deadline(t), a)
}

func notes(text string) func(grapevine.Contact) (grapevine.Contact, error) {
	return func(c grapevine.Contact) (grapevine.Contact, error) { c.Notes = text; return c, nil }
}

func TestEveryWriteSaysWhoseItIs(t *testing.T) {
	s, db := prepared(t)
	ann := grapevine.Author{Kind: grapevine.ByUser, ID: "65f0c0ffee65f0c0ffee65f0", Name: "Ann"}
	robot := grapevine.Author{Kind: grapevine.ByToken, ID: "tok"}
	nameless := grapevine.Author{Kind: ann.Kind, ID: ann.ID} // names are looked up when they are shown

	c, _, _, err := s.Create(by(t, ann), ada(), grapevine.Idempotency{})
	require.NoError(t, err)
	first := stampOf(t, db, c.ID)
	require.Equal(t, nameless, author(t, first))
	require.Equal(t, c.ID, first.Lookup("of").ObjectID().Hex())
	require.True(t, first.Lookup("id").IsZero())

	for _, write := range []func() error{
		func() error { _, _, err := s.Update(by(t, robot), ws, c.ID, nil, notes("a")); return err },
		func() error { _, _, err := s.Replace(by(t, robot), ws, c.ID, nil, notes("b")); return err },
		func() error { _, _, err := s.UpdateImported(by(t, robot), "g", ws, c.ID, notes("c")); return err },
	} {
		before := stampOf(t, db, c.ID)
		require.NoError(t, write())
		require.Equal(t, robot, author(t, stampOf(t, db, c.ID)))
		require.NotEqual(t, before.Lookup("write"), stampOf(t, db, c.ID).Lookup("write"))
	}
	_, _, err = s.Update(deadline(t), ws, c.ID, nil, notes("d"))
	require.NoError(t, err)
	require.Equal(t, grapevine.Author{Kind: grapevine.ByUnknown}, author(t, stampOf(t, db, c.ID)))

	imported := withIDs(organization("Acme"))
	_, _, err = s.AddImported(by(t, robot), grapevine.ImportedContacts{Group: "g", Contacts: imported})
	require.NoError(t, err)
	require.Equal(t, robot, author(t, stampOf(t, db, imported[0].ID)))
}

// Earlier versions named the contact of a mark in another field.
func TestAMarkOfAnEarlierVersionIsRenamed(t *testing.T) {
	s, db := prepared(t)
	c, _, _, err := s.Create(deadline(t), ada(), grapevine.Idempotency{Key: "k", Fingerprint: "f"})
	require.NoError(t, err)
	oid, err := bson.ObjectIDFromHex(c.ID)
	require.NoError(t, err)
	_, err = db.Collection(grapevine.CollectionContacts).UpdateByID(deadline(t), oid, bson.D{
		{Key: "$rename", Value: bson.D{{Key: "_meta.of", Value: "_meta.id"}}}, {Key: "$unset", Value: bson.D{{Key: "_meta.by", Value: ""}}},
	})
	require.NoError(t, err)
	again, _, fresh, err := s.Create(deadline(t), ada(), grapevine.Idempotency{Key: "k", Fingerprint: "f"})
	require.NoError(t, err)
	require.False(t, fresh)
	require.Equal(t, c.ID, again.ID)

	_, _, err = s.Update(deadline(t), ws, c.ID, nil, notes("new"))
	require.NoError(t, err)
	meta := stampOf(t, db, c.ID)
	require.Equal(t, oid, meta.Lookup("of").ObjectID())
	require.True(t, meta.Lookup("id").IsZero())
	require.False(t, meta.Lookup("key").IsZero(), "the mark is still that of the key's contact")
}

// The stamp and the deletion are one transaction: two events with one time.
func TestADeletionIsStampedInItsTransaction(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	robot := grapevine.Author{Kind: grapevine.ByToken, ID: "tok"}
	for name, ifMatch := range map[string]func(c grapevine.Contact) []string{
		"unconditional": func(grapevine.Contact) []string { return nil },
		"conditional":   func(c grapevine.Contact) []string { return []string{c.ETag} },
	} {
		t.Run(name, func(t *testing.T) {
			c := create(t, s, ada())
			stream, err := db.Watch(ctx, mongo.Pipeline{}, options.ChangeStream().SetFullDocumentBeforeChange(options.WhenAvailable))
			require.NoError(t, err)
			defer func() { _ = stream.Close(ctx) }()
			at, err := s.Delete(by(t, robot), ws, c.ID, ifMatch(c))
			require.NoError(t, err)
			require.EqualValues(t, 1, at.N)
			for _, operation := range []string{"update", "delete"} {
				require.True(t, stream.Next(ctx))
				require.Equal(t, operation, stream.Current.Lookup("operationType").StringValue())
				second, i := stream.Current.Lookup("clusterTime").Timestamp()
				require.Equal(t, at.Time, grapevine.NewPosition(second, i, 0).Time)
			}
			meta := stream.Current.Lookup("fullDocumentBeforeChange", "_meta").Document()
			require.Equal(t, robot, author(t, meta))
			require.Equal(t, c.ID, meta.Lookup("of").ObjectID().Hex())
			require.True(t, meta.Lookup("deleting").Boolean())
		})
	}
}

// Whatever a direct edit stored, and whatever rules an administrator added, a contact can be deleted.
func TestADocumentThatCannotBeStampedIsDeleted(t *testing.T) {
	s, db := prepared(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	broken, strict := bson.NewObjectID(), create(t, s, ada())
	_, err := contacts.InsertOne(deadline(t), bson.D{
		{Key: "_id", Value: broken}, {Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: 5}, {Key: "_meta", Value: "none"},
	}, options.InsertOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	at, err := s.Delete(deadline(t), ws, broken.Hex(), nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, at.N)
	require.NoError(t, db.RunCommand(deadline(t), bson.D{
		{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "validator", Value: bson.D{{Key: "notes", Value: "only this"}}}, {Key: "validationLevel", Value: "strict"},
	}).Err())
	_, err = s.Delete(deadline(t), ws, strict.ID, []string{strict.ETag})
	require.NoError(t, err)
	n, err := contacts.CountDocuments(deadline(t), bson.D{})
	require.NoError(t, err)
	require.Zero(t, n)
}

// A transaction of somebody else delays a deletion until it ends. A deletion that gave up leaves nothing open.
func TestADeletionWaitsForAnotherTransaction(t *testing.T) {
	s, db := prepared(t)
	c := create(t, s, ada())
	oid, err := bson.ObjectIDFromHex(c.ID)
	require.NoError(t, err)
	session, err := db.Client().StartSession()
	require.NoError(t, err)
	defer session.EndSession(deadline(t))
	require.NoError(t, session.StartTransaction())
	_, err = db.Collection(grapevine.CollectionContacts).UpdateByID(mongo.NewSessionContext(deadline(t), session), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "theirs"}}}})
	require.NoError(t, err)
	for _, ifMatch := range [][]string{nil, {c.ETag}} {
		short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err = s.Delete(short, ws, c.ID, ifMatch)
		require.Equal(t, grapevine.Unavailable, grapevine.ErrorCode(err), "%v", err)
	}
	require.NoError(t, session.CommitTransaction(deadline(t)))
	_, err = s.Delete(deadline(t), ws, c.ID, []string{c.ETag})
	require.Equal(t, grapevine.PreconditionFailed, grapevine.ErrorCode(err))
	require.True(t, stampOf(t, db, c.ID).Lookup("deleting").IsZero(), "no stamp without a deletion")
	_, err = s.Delete(deadline(t), ws, c.ID, nil)
	require.NoError(t, err)
}
