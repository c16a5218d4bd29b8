package app

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

// The copy of a document that the API wrote is a direct edit, and so is an edit of the copy in mongosh.
func TestACopyIsADirectEdit(t *testing.T) {
	i := start(t, realtest.New(t))
	contacts := i.db.Collection("contacts")
	empty := i.get("/contacts")
	s := i.dial("/ws/contacts")
	require.True(t, s.Join("workspace:default", empty.Header.Get("Position")).IsRecovered())
	made := i.call("POST", "/contacts", bson.M{"firstName": "Ada"}, "Idempotency-Key", "k").JSON(t)
	require.Equal(t, "api", s.Event().Source)
	id, err := bson.ObjectIDFromHex(made["id"].(string))
	require.NoError(t, err)

	var copied bson.M
	require.NoError(t, contacts.FindOne(t.Context(), bson.D{{Key: "_id", Value: id}}).Decode(&copied))
	copied["_id"] = bson.NewObjectID()
	_, err = contacts.InsertOne(t.Context(), copied)
	require.NoError(t, err)
	created := s.Event()
	require.Equal(t, "contact:created", created.Event)
	require.Equal(t, "direct", created.Source)

	path := "/contacts/" + copied["_id"].(bson.ObjectID).Hex()
	require.Equal(t, 200, i.call("PATCH", path, bson.M{"notes": "x"}).Status)
	require.Equal(t, "api", s.Event().Source, "an edit of the copy through the API")
	require.Equal(t, made["id"], i.call("POST", "/contacts", bson.M{"firstName": "Ada"}, "Idempotency-Key", "k").JSON(t)["id"])
}
