package app

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

// A missing contact is cached like any other answer, and invalidated when it is created.
func TestMissingContactIsCachedOnlyUntilItIsThere(t *testing.T) {
	i := start(t, realtest.New(t))
	ctx, contacts := context.Background(), i.db.Collection("contacts")
	ada := person("Ada")
	path := "/contacts/" + idOf(ada).Hex()
	for round := range 3 {
		eventually(t, "the miss is cached", func() bool {
			a := i.get(path)
			require.Equal(t, http.StatusNotFound, a.Status)
			return a.Header.Get("Cache-Status") == "grapevine; hit"
		})
		s := i.dial("/ws/contacts")
		s.Join("workspace:default", "")
		_, err := contacts.InsertOne(ctx, ada)
		require.NoError(t, err)
		s.Event()
		require.Equal(t, http.StatusOK, i.get(path).Status, "round %d: a client that reads after the event gets the contact", round)
		_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: idOf(ada)}})
		require.NoError(t, err)
		s.Event()
		require.Equal(t, http.StatusNotFound, i.get(path).Status, "round %d", round)
	}
}

// A write that changes nothing makes no event. A read with its position does not wait for one.
func TestWriteThatChangesNothingDelaysNoRead(t *testing.T) {
	i := start(t, realtest.New(t))
	made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada", "notes": "n"})
	require.Equal(t, http.StatusCreated, made.Status, string(made.Body))
	path := made.Header.Get("Location")
	_, err := i.db.Collection("contacts").UpdateMany(context.Background(), bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "n"}}}})
	require.NoError(t, err, "a direct edit without a change makes no event either")
	for range 20 {
		same := i.call(http.MethodPatch, path, map[string]any{"notes": "n"})
		require.Equal(t, http.StatusOK, same.Status, string(same.Body))
		a := i.get(path, "Min-Position", same.Header.Get("Position"))
		require.Equal(t, http.StatusOK, a.Status)
		require.Equal(t, "n", a.JSON(t)["notes"])
	}
	eventually(t, "reads are cached again", func() bool { return i.get(path).Header.Get("Cache-Status") == "grapevine; hit" })
}
