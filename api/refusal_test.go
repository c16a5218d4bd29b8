package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// A refusal by an index that somebody added is a 409 that names the fields of the index.
func TestAnIndexOfSomebodyElseIsAConflict(t *testing.T) {
	h := newHarness(t)
	contacts := h.db.Collection(grapevine.CollectionContacts)
	_, err := contacts.Indexes().CreateMany(t.Context(), []mongo.IndexModel{
		{Keys: bson.D{{Key: "emails.value", Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)},
		{
			Keys:    bson.D{{Key: "workspace", Value: 1}, {Key: "phones.value", Value: 1}, {Key: "company", Value: 1}},
			Options: options.Index().SetUnique(true).SetPartialFilterExpression(bson.D{{Key: "phones.value", Value: bson.D{{Key: "$exists", Value: true}}}}),
		},
		{Keys: bson.D{{Key: "addresses.city", Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true)},
		{Keys: bson.D{{Key: "owner", Value: "hashed"}}},
	})
	require.NoError(t, err)
	path := "/contacts/" + h.create(`{"firstName":"A","email":"a@example.com","phone":"1","company":"C","addresses":[{"city":"Bern"}]}`).json(t)["id"].(string)
	other := "/contacts/" + h.create(`{"firstName":"B"}`).json(t)["id"].(string)
	patch := header{"Content-Type": "application/merge-patch+json"}
	for _, test := range []struct {
		method, path, body string
		headers            header
		pointer            string
	}{
		{"POST", "/contacts", `{"firstName":"A","email":"a@example.com"}`, nil, "/emails"},
		{"POST", "/contacts", `{"firstName":"A","email":"a@example.com"}`, header{"Idempotency-Key": "k"}, "/emails"},
		{"POST", "/contacts", `{"firstName":"A","phone":"1","company":"C"}`, nil, "/workspace"},
		{"POST", "/contacts", `{"firstName":"A","addresses":[{"city":"Bern"}]}`, nil, "/addresses"},
		{"PUT", other, `{"firstName":"B","email":"a@example.com"}`, nil, "/emails"},
		{"PATCH", other, `{"email":"a@example.com"}`, patch, "/emails"},
	} {
		got := h.do(test.method, test.path, test.headers, test.body)
		require.Equal(t, 409, got.status, "%s %s", test.body, got.body)
		problem := got.json(t)
		require.Equal(t, "conflict", problem["code"])
		require.Contains(t, problem["detail"], "nother contact has the same")
		require.Equal(t, test.pointer, problem["errors"].([]any)[0].(map[string]any)["pointer"])
	}
	require.Equal(t, 200, h.do("PATCH", path, patch, `{"email":"b@example.com"}`).status)
	require.Equal(t, 201, h.do("POST", "/contacts", header{"Idempotency-Key": "k"}, `{"firstName":"A","email":"a@example.com"}`).status, "the key of a refused create is free")

	// A list in the place of a hashed value, and two lists in one index.
	_, err = contacts.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "tags", Value: 1}, {Key: "addresses.label", Value: 1}}})
	require.NoError(t, err)
	got := h.do("POST", "/contacts", nil, `{"firstName":"A","tags":["a","b"],"addresses":[{"label":"x"},{"label":"y"}]}`)
	require.Equal(t, 409, got.status, got.body)
	require.Contains(t, got.json(t)["detail"], "index of this MongoDB does not accept")
}

// A refusal by a validator that somebody made stricter is a 422 with the reasons that MongoDB gives.
func TestAStricterValidatorIsExplained(t *testing.T) {
	h := newHarness(t)
	strict := bson.D{{Key: "$jsonSchema", Value: bson.D{
		{Key: "required", Value: bson.A{"phones"}},
		{Key: "properties", Value: bson.D{
			{Key: "emails", Value: bson.D{{Key: "items", Value: bson.D{{Key: "properties", Value: bson.D{{Key: "value", Value: bson.D{{Key: "pattern", Value: "@example[.]com$"}}}}}}}}},
			{Key: "addresses", Value: bson.D{{Key: "items", Value: bson.D{{Key: "properties", Value: bson.D{{Key: "country", Value: bson.D{{Key: "maxLength", Value: 2}}}}}}}}},
		}},
	}}}
	set := func(validator bson.D) {
		require.NoError(t, h.db.RunCommand(t.Context(), bson.D{{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "validator", Value: validator}}).Err())
	}
	set(strict)
	for _, test := range []struct {
		path, media, body string
		pointers          []string
	}{
		{"/contacts", "application/json", `{"firstName":"A"}`, []string{"/phones"}},
		{"/contacts", "application/json", `{"firstName":"A","phone":"1","email":"a@b.ch"}`, []string{"/emails/0/value"}},
		{"/contacts", "application/json", `{"firstName":"A","phone":"1","addresses":[{"country":"Switzerland"}]}`, []string{"/addresses/0/country"}},
	} {
		got := h.do("POST", test.path, header{"Content-Type": test.media}, test.body)
		require.Equal(t, 422, got.status, got.body)
		var pointers []string
		for _, e := range got.json(t)["errors"].([]any) {
			pointers = append(pointers, e.(map[string]any)["pointer"].(string))
			require.Contains(t, e.(map[string]any)["detail"], "MongoDB's validator")
		}
		require.Equal(t, test.pointers, pointers)
	}
	set(bson.D{{Key: "$expr", Value: bson.D{{Key: "$ne", Value: bson.A{"$firstName", "A"}}}}})
	got := h.do("POST", "/contacts", nil, `{"firstName":"A"}`)
	require.Equal(t, 422, got.status)
	require.NotEmpty(t, got.json(t)["errors"])
}

// An import tells which row an index or a validator of somebody else refuses, and why. The other rows are there.
func TestAnImportTellsWhatMongoDBRefuses(t *testing.T) {
	h := newHarness(t)
	_, err := h.db.Collection(grapevine.CollectionContacts).Indexes().CreateOne(t.Context(), mongo.IndexModel{
		Keys: bson.D{{Key: "emails.value", Value: 1}}, Options: options.Index().SetUnique(true).SetSparse(true),
	})
	require.NoError(t, err)
	h.create(`{"firstName":"A","email":"a@example.com"}`)
	got := h.do("POST", "/contacts/import", header{"Content-Type": "text/csv"}, "firstName,email\nC,c@example.com\nD,a@example.com\n")
	require.Equal(t, 200, got.status, got.body)
	require.EqualValues(t, 1, got.json(t)["created"])
	require.Contains(t, got.body, `"skipped":[{"line":3,"reason":"MongoDB refused the contact: another contact has the same emails.value`)
	require.Contains(t, got.body, "emails: is taken by another contact")
}
