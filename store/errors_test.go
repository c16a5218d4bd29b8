package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Between a drop and the next Prepare there are no indexes. Requests are not at fault, and only the text search needs its index.
func TestADroppedCollectionIsReadUntilItIsPrepared(t *testing.T) {
	s, db := prepared(t)
	create(t, s, organization("Alpha"))
	create(t, s, organization("Beta"))
	q := grapevine.Query{Workspace: ws, Limit: 1}
	page, err := s.List(deadline(t), q, grapevine.Position{})
	require.NoError(t, err)
	next := q
	next.After = *page.Next
	tagged, text := q, q
	tagged.Tags, text.Text = []string{"vip"}, "alpha"
	reads := map[string]func(context.Context) error{
		"list":   func(ctx context.Context) error { _, err := s.List(ctx, q, grapevine.Position{}); return err },
		"next":   func(ctx context.Context) error { _, err := s.List(ctx, next, grapevine.Position{}); return err },
		"filter": func(ctx context.Context) error { _, err := s.List(ctx, tagged, grapevine.Position{}); return err },
		"search": func(ctx context.Context) error { _, err := s.List(ctx, text, grapevine.Position{}); return err },
		"stats": func(ctx context.Context) error {
			_, err := s.Stats(ctx, ws, grapevine.PerTag, grapevine.Position{})
			return err
		},
	}
	require.NoError(t, db.Collection(grapevine.CollectionContacts).Drop(deadline(t)))
	_, err = db.Collection(grapevine.CollectionContacts).InsertOne(deadline(t), bson.D{{Key: "workspace", Value: ws}})
	require.NoError(t, err)
	for name, read := range reads {
		err := read(deadline(t))
		require.Equal(t, name == "search", err != nil, "%s: %v", name, err)
		require.True(t, err == nil || grapevine.ErrorCode(err) == grapevine.Unavailable, "%s: %v", name, err)
	}
	require.NoError(t, s.Prepare(deadline(t)))
	for name, read := range reads {
		require.NoError(t, read(deadline(t)), name)
	}
}

func TestARefusalByTheValidatorIsInvalid(t *testing.T) {
	s, db := prepared(t)
	c := create(t, s, ada())
	require.NoError(t, db.RunCommand(deadline(t), bson.D{
		{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "validator", Value: bson.D{{Key: "notes", Value: "only this"}}}, {Key: "validationLevel", Value: "strict"},
	}).Err())
	_, _, _, err := s.Create(deadline(t), ada(), grapevine.Idempotency{})
	require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err), "%v", err)
	_, _, err = s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes = "other"
		return c, nil
	})
	require.Equal(t, grapevine.Invalid, grapevine.ErrorCode(err), "%v", err)
}

func TestADocumentAboveMongoDBsLimitIsTooLarge(t *testing.T) {
	s, db := prepared(t)
	c := create(t, s, ada())
	oid, err := bson.ObjectIDFromHex(c.ID)
	require.NoError(t, err)
	most := strings.Repeat("x", 16<<20-1000)
	_, err = db.Collection(grapevine.CollectionContacts).UpdateByID(deadline(t), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "own", Value: most}}}})
	require.NoError(t, err)
	_, _, err = s.Update(deadline(t), ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes = strings.Repeat("y", 4096)
		return c, nil
	})
	require.Equal(t, grapevine.TooLarge, grapevine.ErrorCode(err), "%v", err)
	items := pages(t, s, grapevine.Query{Workspace: ws, Limit: 10})
	require.Len(t, items, 1, "the contact is still listed")
}

func TestFindIgnoresTheWorkspace(t *testing.T) {
	s, _ := prepared(t)
	c := ada()
	c.Workspace = "other"
	c = create(t, s, c)
	got, found, err := s.FindInAnyWorkspace(deadline(t), c.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, c, got)
	_, found, err = s.FindInAnyWorkspace(deadline(t), "507f1f77bcf86cd799439011")
	require.NoError(t, err)
	require.False(t, found)
}
