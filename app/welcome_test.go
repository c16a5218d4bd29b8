package app

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
)

// WELCOME decides which contacts get a mail. The others get a row that says so. A contact that somebody inserted
// stays one that the API did not make, also after an edit through the API and as a copy of one that it made.
func TestWelcomeSetting(t *testing.T) {
	for setting, want := range map[string]struct{ made, inserted, copied string }{
		"all":  {"done", "done", "done"},
		"api":  {"done", "skipped", "skipped"},
		"none": {"skipped", "skipped", "skipped"},
	} {
		t.Run(setting, func(t *testing.T) {
			i := start(t, realtest.New(t), func(c *Config) { c.Welcome = setting })
			ctx, contacts := context.Background(), i.db.Collection("contacts")
			made := i.call(http.MethodPost, "/contacts", map[string]any{"kind": "person", "firstName": "Ada", "email": "ada@example.org"})
			require.Equal(t, http.StatusCreated, made.Status, string(made.Body))
			id, err := bson.ObjectIDFromHex(made.JSON(t)["id"].(string))
			require.NoError(t, err)
			var document bson.M
			require.NoError(t, contacts.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&document))
			copied := bson.NewObjectID()
			document["_id"] = copied
			_, err = contacts.InsertOne(ctx, document)
			require.NoError(t, err)
			bob := person("Bob")
			_, err = contacts.InsertOne(ctx, bob)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, i.call(http.MethodPatch, "/contacts/"+idOf(bob).Hex(), map[string]any{"notes": "n"}).Status)
			for id, state := range map[bson.ObjectID]string{id: want.made, idOf(bob): want.inserted, copied: want.copied} {
				var row struct{ State, Note string }
				eventually(t, "the effect is recorded", func() bool {
					err := i.db.Collection("effects").FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&row)
					return err == nil && row.State != "claimed"
				})
				require.Equal(t, state, row.State)
				if state == "skipped" {
					require.Contains(t, row.Note, "WELCOME is "+setting)
				}
			}
		})
	}
}
