package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// A PATCH judges the fields that it names, and keeps every other one as it is stored. A PUT judges all.
func TestAPatchKeepsWhatItDoesNotName(t *testing.T) {
	h := newHarness(t)
	contacts := h.db.Collection(grapevine.CollectionContacts)
	for name, stored := range map[string]struct {
		fields  bson.D
		refused bool // by a PUT of the same values
	}{
		"an e-mail that is none":    {bson.D{{Key: "emails", Value: bson.A{bson.D{{Key: "value", Value: "n/a"}}}}}, true},
		"a name that is too long":   {bson.D{{Key: "lastName", Value: strings.Repeat("x", 5000)}}, true},
		"notes that are too long":   {bson.D{{Key: "notes", Value: strings.Repeat("x", 100_000)}}, true},
		"control characters":        {bson.D{{Key: "company", Value: "a\x00b\n"}}, true},
		"an invisible name":         {bson.D{{Key: "firstName", Value: "\u200b"}}, true},
		"no name":                   {bson.D{{Key: "firstName", Value: ""}}, false},
		"a decomposed owner":        {bson.D{{Key: "owner", Value: " e\u0301 "}}, false},
		"repeated and empty tags":   {bson.D{{Key: "tags", Value: bson.A{"a", "a", "", strings.Repeat("t", 100)}}}, true},
		"wrong types":               {bson.D{{Key: "email", Value: 7}, {Key: "tags", Value: bson.A{1, "a"}}, {Key: "company", Value: bson.A{"a", "b"}}, {Key: "createdAt", Value: "now"}}, false},
		"an unknown kind":           {bson.D{{Key: "kind", Value: "robot"}}, true},
		"no kind":                   {bson.D{{Key: "kind", Value: nil}}, true},
		"addresses":                 {bson.D{{Key: "addresses", Value: bson.A{bson.D{}, bson.D{{Key: "city", Value: strings.Repeat("x", 300)}, {Key: "floor", Value: 3}}, "x"}}}, true},
		"a reference to itself":     {bson.D{{Key: "organizationId", Value: bson.ObjectID{}}}, true},
		"an unknown field":          {bson.D{{Key: "salutation", Value: "Dr"}}, false},
		"a meta that is not an own": {bson.D{{Key: "_meta", Value: "none"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			doc := bson.M{"_id": bson.NewObjectID(), "workspace": "default", "kind": "person", "firstName": "Ada"}
			if name == "a reference to itself" {
				stored.fields[0].Value = doc["_id"]
			}
			for _, f := range stored.fields {
				doc[f.Key] = f.Value
			}
			_, err := contacts.InsertOne(t.Context(), doc, options.InsertOne().SetBypassDocumentValidation(true))
			require.NoError(t, err)
			before := contacts.FindOne(t.Context(), bson.D{{Key: "_id", Value: doc["_id"]}})
			var was, is bson.M
			require.NoError(t, before.Decode(&was))
			path := "/contacts/" + doc["_id"].(bson.ObjectID).Hex()

			patched := h.do("PATCH", path, header{"Content-Type": "application/merge-patch+json"}, `{"phone":"+1"}`)
			require.Equal(t, 200, patched.status, patched.body)
			require.Equal(t, "+1", patched.json(t)["phone"])
			require.NoError(t, contacts.FindOne(t.Context(), bson.D{{Key: "_id", Value: doc["_id"]}}).Decode(&is))
			require.Equal(t, bson.A{bson.D{{Key: "value", Value: "+1"}}}, is["phones"])
			for _, written := range []string{"phones", "updatedAt", "_meta", "_form"} {
				delete(is, written)
				delete(was, written)
			}
			require.Equal(t, was, is)

			if stored.refused {
				put := h.do("PUT", path, nil, patched.body)
				require.Equal(t, 422, put.status, put.body)
			}
		})
	}
	for _, named := range []string{`{"email":"n/b"}`, `{"tags":["\u200b"]}`, `{"addresses":[{"city":"\uffff"}]}`} {
		id := bson.NewObjectIDFromTimestamp(time.Now())
		_, err := contacts.InsertOne(t.Context(), bson.M{"_id": id, "workspace": "default", "kind": "person", "firstName": "Ada", "email": "n/a"})
		require.NoError(t, err)
		require.Equal(t, 422, h.do("PATCH", "/contacts/"+id.Hex(), header{"Content-Type": "application/merge-patch+json"}, named).status, named)
	}
}
