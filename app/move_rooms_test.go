package app

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
)

// Case 6 of the contract: a viewer of A is in the rooms of a contact and of its owner. The contact moves to B with the same
// owner, is edited there five times, and comes back.
func TestARoomEndsWhenItsContactMoves(t *testing.T) {
	env := realtest.New(t)
	first, second := start(t, env, signInOn), start(t, env, signInOn, roles(roleAPI))
	made := first.accounts()
	viewer := made.User("a:viewer")
	session := made.Session(viewer)
	contacts := first.db.Collection(grapevine.CollectionContacts)
	id := bson.NewObjectID()
	sockets := map[*wsclient.Client]string{}
	for _, i := range []*instance{first, second} {
		for _, room := range []string{"contact:" + id.Hex(), "owner:ann", "workspace:a"} {
			s := i.signedIn(session).dial("/ws/contacts?workspace=a")
			s.Join(room, "")
			sockets[s] = room
		}
	}
	_, err := contacts.InsertOne(t.Context(), bson.D{
		{Key: "_id", Value: id},
		{Key: "workspace", Value: "a"},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Ada"},
		{Key: "owner", Value: "ann"},
		{Key: "notes", Value: "of A"},
	})
	require.NoError(t, err)
	set := func(fields bson.M) {
		t.Helper()
		_, err := contacts.UpdateByID(t.Context(), id, bson.M{"$set": fields})
		require.NoError(t, err)
	}
	for s := range sockets { // so that it is formed before it moves
		s.Next(func(f wsclient.Frame) bool { return f.Event == "contact:updated" })
	}
	set(bson.M{"workspace": "b", "notes": "of B"})
	for n := range 5 {
		set(bson.M{"notes": fmt.Sprint("of B ", n)})
	}
	set(bson.M{"workspace": "a", "notes": "back"})
	for s, room := range sockets {
		left, back := s.Event(), s.Event()
		require.Equal(t, []string{"contact:deleted", "moved", room}, []string{left.Event, left.Reason, left.Room}, left.Text)
		require.Equal(t, "of A", left.ContactFields()["notes"])
		require.Equal(t, "a", left.ContactFields()["workspace"])
		require.Equal(t, []string{"contact:created", "", room}, []string{back.Event, back.Reason, back.Room}, back.Text)
		require.Equal(t, "back", back.ContactFields()["notes"])
		require.NotContains(t, left.Text+back.Text, "of B")
	}
}
