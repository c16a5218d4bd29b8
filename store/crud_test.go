package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestCreateGetUpdateDelete(t *testing.T) {
	s, db := prepared(t)
	ctx := deadline(t)
	before := time.Now().Add(-time.Second)
	made, at, created, err := s.Create(ctx, ada(), grapevine.Idempotency{})
	require.NoError(t, err)
	require.True(t, created)
	require.False(t, at.IsZero())
	require.Zero(t, at.N)
	require.True(t, grapevine.ValidID(made.ID))
	require.Equal(t, "Ada Lovelace", made.FullName)
	require.WithinRange(t, made.CreatedAt.Time, before, time.Now())
	require.Equal(t, made.CreatedAt, made.UpdatedAt)

	got, err := s.Get(ctx, ws, made.ID, at)
	require.NoError(t, err)
	require.Equal(t, made, got, "create returns the stored contact with its ETag")

	changed, at2, err := s.Update(ctx, ws, made.ID, []string{made.ETag}, func(c grapevine.Contact) (grapevine.Contact, error) {
		c.Notes, c.Phones = "third", nil
		c.Tags = append(c.Tags, "poet")
		return c, nil
	})
	require.NoError(t, err)
	require.True(t, at.Before(at2))
	require.NotEqual(t, made.ETag, changed.ETag)
	require.Equal(t, []string{"vip", "math", "poet"}, changed.Tags)
	require.False(t, changed.UpdatedAt.Before(made.UpdatedAt.Time))
	got, err = s.Get(ctx, ws, made.ID, at2)
	require.NoError(t, err)
	require.Equal(t, changed, got)
	raw, err := db.Collection(grapevine.CollectionContacts).FindOne(ctx, bson.D{{Key: "notes", Value: "third"}}).Raw()
	require.NoError(t, err)
	require.True(t, raw.Lookup("phones").IsZero(), "an empty field is absent")

	at3, err := s.Delete(ctx, ws, made.ID, []string{changed.ETag})
	require.NoError(t, err)
	require.True(t, at2.Before(at3))
	_, err = s.Get(ctx, ws, made.ID, at3)
	require.Equal(t, grapevine.NotFound, grapevine.ErrorCode(err))
	_, err = s.Delete(ctx, ws, made.ID, nil)
	require.Equal(t, grapevine.NotFound, grapevine.ErrorCode(err))
}
