package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

// That a contact is not there is cached like anything else, and forgotten when it comes to be there.
func TestMissingContactIsCachedOnlyUntilItIsThere(t *testing.T) {
	i := start(t, realtest.New(t))
	ctx, contacts := context.Background(), i.db.Collection("contacts")
	ada := person("Ada")
	path := "/contacts/" + idOf(ada).Hex()
	for round := range 3 {
		eventually(t, "the miss is cached", func() bool {
			a := i.get(path)
			require.Equal(t, http.StatusNotFound, a.status)
			return a.header.Get("Cache-Status") == "grapevine; hit"
		})
		s := i.dial("/ws/contacts")
		s.join("workspace:default")
		_, err := contacts.InsertOne(ctx, ada)
		require.NoError(t, err)
		s.event()
		require.Equal(t, http.StatusOK, i.get(path).status, "round %d: who was told and asks gets it", round)
		_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: idOf(ada)}})
		require.NoError(t, err)
		s.event()
		require.Equal(t, http.StatusNotFound, i.get(path).status, "round %d", round)
	}
}

// A write that changes nothing makes no event. Its position is reached all the same: nobody waits for
// an event of his own.
func TestWriteThatChangesNothingKeepsNobodyWaiting(t *testing.T) {
	i := start(t, realtest.New(t))
	made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada", "notes": "n"})
	require.Equal(t, http.StatusCreated, made.status, string(made.body))
	path := made.header.Get("Location")
	_, err := i.db.Collection("contacts").UpdateMany(context.Background(), bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "n"}}}})
	require.NoError(t, err, "a direct one makes no event at all")
	for range 20 {
		same := i.call(http.MethodPatch, path, map[string]any{"notes": "n"})
		require.Equal(t, http.StatusOK, same.status, string(same.body))
		a := i.get(path, "Min-Position", same.header.Get("Position"))
		require.Equal(t, http.StatusOK, a.status)
		require.Equal(t, "n", a.json(t)["notes"])
	}
	eventually(t, "reads are cached again", func() bool { return i.get(path).header.Get("Cache-Status") == "grapevine; hit" })
}
