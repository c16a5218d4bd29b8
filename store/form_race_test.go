package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/store"
)

// Two writers of the API, somebody in mongosh and two write-backs race for one contact. Whatever is between a read and a write, the
// product stores no derived part that does not belong to the fields beside it, and in the end the part is that of the fields.
func TestRacingWritersStoreNoPartOfOtherFields(t *testing.T) {
	const edits = 40 // of each writer
	s, db := prepared(t)
	ctx := deadline(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	created := create(t, s, ada())
	oid, err := bson.ObjectIDFromHex(created.ID)
	require.NoError(t, err)
	stream, err := contacts.Watch(ctx, mongo.Pipeline{}, options.ChangeStream().SetFullDocument(options.Required))
	require.NoError(t, err)
	t.Cleanup(func() { _ = stream.Close(context.Background()) })

	var writers, formers sync.WaitGroup
	repeat := func(edit func(i int) error) {
		writers.Go(func() {
			for i := range edits {
				if err := edit(i); err != nil {
					t.Errorf("edit %d: %v", i, err)
					return
				}
			}
		})
	}
	repeat(func(i int) error {
		_, _, err := s.Update(ctx, created.Workspace, created.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
			c.LastName, c.Tags = fmt.Sprint("Update", i), []string{fmt.Sprint(i)}
			return c, nil
		})
		return err
	})
	other := store.New(db, store.Config{})
	repeat(func(i int) error {
		_, _, err := other.Replace(ctx, created.Workspace, created.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) {
			return grapevine.Contact{
				Workspace: c.Workspace, Kind: c.Kind, FirstName: fmt.Sprint("Replace", i), LastName: c.LastName,
				Phones: []grapevine.Entry{{Value: fmt.Sprint("+49 30 ", 1000+i)}},
			}, nil
		})
		return err
	})
	const byHand = "byHand" // a field of the direct edits
	repeat(func(i int) error {
		edit := []bson.D{
			{{Key: "$set", Value: bson.D{{Key: "lastName", Value: fmt.Sprint("Direct", i)}, {Key: byHand, Value: i}}}},
			{{Key: "$set", Value: bson.D{{Key: "email", Value: fmt.Sprintf("direct%d@example.org", i)}, {Key: byHand, Value: i}}}},
			{{Key: "$rename", Value: bson.D{{Key: "lastName", Value: "company"}}}, {Key: "$set", Value: bson.D{{Key: byHand, Value: i}}}},
			{{Key: "$unset", Value: bson.D{{Key: "_form", Value: ""}}}, {Key: "$set", Value: bson.D{{Key: byHand, Value: i}}}},
			{{Key: "$set", Value: bson.D{{Key: "_form.w", Value: bson.A{"n:other"}}, {Key: byHand, Value: i}}}},
		}[i%5]
		_, err := contacts.UpdateByID(ctx, oid, edit)
		return err
	})
	over := make(chan struct{})
	var written atomic.Int64
	for _, instance := range []*store.Store{s, other} {
		formers.Go(func() {
			for {
				done, err := instance.Form(ctx, []string{created.ID})
				if err != nil {
					t.Errorf("form: %v", err)
					return
				}
				written.Add(int64(done.Written))
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(over)
	formers.Wait()
	done, err := s.Form(ctx, []string{created.ID})
	require.NoError(t, err)
	require.Empty(t, done.Refused)
	requireFormed(t, db, created.ID)
	require.Positive(t, written.Load(), "the write-back took part in the race")

	_, err = contacts.UpdateByID(ctx, oid, bson.D{{Key: "$set", Value: bson.D{{Key: byHand, Value: edits}}}})
	require.NoError(t, err)
	for last := false; !last; {
		require.True(t, stream.Next(ctx), stream.Err())
		if edit := stream.Current.Lookup("updateDescription", "updatedFields", byHand); !edit.IsZero() {
			last = edit.AsInt64() == edits
			continue
		}
		raw := stream.Current.Lookup("fullDocument").Document()
		contact, err := store.Decode(raw)
		require.NoError(t, err)
		require.True(t, store.IsFormed(raw, &contact), "a write of the product: %s", stream.Current)
	}
}
