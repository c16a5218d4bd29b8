package imports

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

var ann = grapevine.Author{Kind: grapevine.ByUser, ID: "65f0c0ffee65f0c0ffee65f0"}

// people is a file with n contacts.
func people(n int) string {
	var file strings.Builder
	file.WriteString("First Name,E-mail\n")
	for i := range n {
		fmt.Fprintf(&file, "Ada,ada%d@example.com\n", i)
	}
	return file.String()
}

func startBy(t *testing.T, storage *Storage, by grapevine.Author, file string) Import {
	t.Helper()
	started, err := storage.Start(grapevine.WithAuthor(t.Context(), by), Request{Workspace: "default", Options: Options{OnMatch: Skip}, Body: strings.NewReader(file)})
	require.NoError(t, err)
	return started
}

func read(t *testing.T, storage *Storage, id string) Import {
	t.Helper()
	found, err := storage.Get(t.Context(), "default", id)
	require.NoError(t, err)
	return found
}

func TestAnImportWritesAsItsAuthor(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	r := newRunner(storage, contacts)
	ended := startBy(t, storage, ann, people(1))
	_, err := r.Run(t.Context(), ended.ID)
	require.NoError(t, err)
	_, err = r.Run(t.Context(), startFile(t, storage, people(1)).ID)
	require.NoError(t, err)
	require.Equal(t, []grapevine.Author{ann, {Kind: grapevine.ByUnknown}}, contacts.authors)

	oid, err := importID(ended.ID)
	require.NoError(t, err)
	raw, err := storage.imports.FindOne(t.Context(), bson.D{{Key: "_id", Value: oid}}).Raw()
	require.NoError(t, err)
	require.Equal(t, ann.ID, raw.Lookup("by", "id").StringValue(), "who imported is known when the import has ended")
	_, err = storage.Get(t.Context(), "other", ended.ID)
	require.Equal(t, grapevine.NotFound, grapevine.ErrorCode(err))
}

// The right is looked at before every batch. When it ends, so does the import, and what it has done stays.
func TestAnImportEndsWithTheRightOfItsAuthor(t *testing.T) {
	for _, code := range []grapevine.Code{grapevine.Forbidden, grapevine.Unauthorized, grapevine.NotFound} {
		t.Run(string(code), func(t *testing.T) {
			storage := NewStorage(realtest.New(t).DB(t))
			contacts := &scriptedContacts{}
			r := newRunner(storage, contacts)
			asked := 0
			r.cfg.Allowed = func(_ context.Context, by grapevine.Author, workspace string) error {
				require.Equal(t, ann, by)
				require.Equal(t, "default", workspace)
				if asked++; asked > 2 {
					return &grapevine.Error{Code: code, Message: "no"}
				}
				return nil
			}
			started := startBy(t, storage, ann, people(5*batchRows))
			for range 2 { // a second run of it does nothing
				wait, err := r.Run(t.Context(), started.ID)
				require.NoError(t, err)
				require.Zero(t, wait)
			}
			found := read(t, storage, started.ID)
			require.Equal(t, Failed, found.State)
			require.Equal(t, grapevine.Forbidden, found.Code)
			require.Equal(t, "The right to write into this workspace has ended.", found.Message)
			require.Equal(t, 2*batchRows, found.Created)
			require.Len(t, contacts.added, 2*batchRows)
			require.Equal(t, 3, asked)
		})
	}
}

// Nobody knows the rights while MongoDB does not answer. The import waits, however often it has to ask.
func TestAnImportWaitsUntilItsRightIsKnown(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	r := newRunner(storage, contacts)
	away := &grapevine.Error{Code: grapevine.Unavailable}
	known := false
	r.cfg.Allowed = func(context.Context, grapevine.Author, string) error {
		if known {
			return nil
		}
		return away
	}
	started := startBy(t, storage, ann, people(1))
	for range maxAttempts + 1 {
		_, err := r.Run(t.Context(), started.ID)
		require.ErrorIs(t, err, away)
		require.Equal(t, Running, read(t, storage, started.ID).State)
	}
	require.Empty(t, contacts.added)
	known = true
	_, err := r.Run(t.Context(), started.ID)
	require.NoError(t, err)
	require.Equal(t, Done, read(t, storage, started.ID).State)
}

// Contacts that get their organizations at the end are written in batches, too.
func TestAnImportLinksNothingWithoutTheRight(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	r := newRunner(storage, contacts)
	asked := 0
	r.cfg.Allowed = func(context.Context, grapevine.Author, string) error {
		if asked++; asked > 1 {
			return errForbidden
		}
		return nil
	}
	started := startBy(t, storage, ann, `{"firstName":"Ada","emails":[{"value":"ada@example.com"}],"organizationId":"65f0c0ffee65f0c0ffee65f0"}`+"\n")
	_, err := r.Run(t.Context(), started.ID)
	require.NoError(t, err)
	found := read(t, storage, started.ID)
	require.Equal(t, Failed, found.State)
	require.Equal(t, grapevine.Forbidden, found.Code)
	require.Equal(t, 1, found.Created)
	require.Equal(t, 2, asked)
}

// An earlier version kept the run that works on an import in the field of the author.
func TestAnImportOfAnEarlierVersionGoesOn(t *testing.T) {
	storage := NewStorage(realtest.New(t).DB(t))
	contacts := &scriptedContacts{}
	started := startFile(t, storage, people(1))
	oid, err := importID(started.ID)
	require.NoError(t, err)
	_, err = storage.imports.UpdateByID(t.Context(), oid, bson.D{{Key: "$set", Value: bson.D{{Key: "by", Value: "A RUN"}, {Key: "state", Value: Running}}}})
	require.NoError(t, err)
	require.Equal(t, Running, read(t, storage, started.ID).State)
	d, _, err := storage.claim(t.Context(), oid)
	require.NoError(t, err)
	require.Equal(t, grapevine.Author{Kind: grapevine.ByUnknown}, d.By.author())
	raw, err := storage.imports.FindOne(t.Context(), bson.D{{Key: "_id", Value: oid}}).Raw()
	require.NoError(t, err)
	require.True(t, raw.Lookup("by").IsZero(), "the earlier run notices that its claim is lost")
	require.NoError(t, storage.release(t.Context(), d))
	_, err = newRunner(storage, contacts).Run(t.Context(), started.ID)
	require.NoError(t, err)
	require.Equal(t, Done, read(t, storage, started.ID).State)
}
