package store_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

func TestStats(t *testing.T) {
	s, db := prepared(t)
	at := func(year int, month time.Month) time.Time { return time.Date(year, month, 28, 23, 59, 59, 0, time.UTC) }
	id := bson.NewObjectIDFromTimestamp
	contact := func(id bson.ObjectID, fields ...bson.E) bson.D {
		return append(bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: ws}}, fields...)
	}
	insertFormed(
		t, db,
		contact(id(at(2026, 1)), bson.E{Key: "company", Value: "Beta"}, bson.E{Key: "tags", Value: bson.A{"x", "y", "x"}}),
		contact(id(at(2020, 1)), bson.E{Key: "company", Value: "acme"}, bson.E{Key: "tags", Value: bson.A{"x"}}, bson.E{Key: "createdAt", Value: at(2025, 12)}),
		contact(id(at(2020, 1)), bson.E{Key: "company", Value: "Acme"}, bson.E{Key: "tags", Value: bson.A{"a", 3, nil, ""}}, bson.E{Key: "createdAt", Value: "2025"}),
		contact(id(at(2020, 1)), bson.E{Key: "company", Value: "Acme"}, bson.E{Key: "tags", Value: "x"}, bson.E{Key: "createdAt", Value: bson.DateTime(1 << 55)}),
		contact(id(at(2026, 11)), bson.E{Key: "company", Value: ""}, bson.E{Key: "tags", Value: 7}),
		contact(id(at(2026, 11)), bson.E{Key: "company", Value: 7}, bson.E{Key: "createdAt", Value: nil}),
		contact(id(at(2026, 11)), bson.E{Key: "company", Value: bson.A{"Acme"}}, bson.E{Key: "createdAt", Value: at(2026, 2)}),
		bson.D{{Key: "_id", Value: id(at(2026, 1))}, {Key: "workspace", Value: "other"}, {Key: "company", Value: "Acme"}, {Key: "tags", Value: bson.A{"x"}}},
	)
	for _, limit := range []int{0, 1000} { // count tags by reading the contacts, and by their index
		s.MaxIndexedTags(limit)
		for stat, want := range map[grapevine.Stat][]grapevine.StatCount{
			grapevine.PerCompany: {{Value: "Acme", Count: 2}, {Value: "Beta", Count: 1}, {Value: "acme", Count: 1}},
			grapevine.PerTag:     {{Value: "x", Count: 3}, {Value: "a", Count: 1}, {Value: "y", Count: 1}},
			grapevine.PerMonth: {
				{Value: "2020-01", Count: 2},
				{Value: "2025-12", Count: 1},
				{Value: "2026-01", Count: 1},
				{Value: "2026-02", Count: 1},
				{Value: "2026-11", Count: 2},
			},
		} {
			got, err := s.Stats(deadline(t), ws, stat, grapevine.Position{})
			require.NoError(t, err)
			require.Equal(t, want, got, stat)
			got, err = s.Stats(deadline(t), "empty", stat, grapevine.Position{})
			require.NoError(t, err)
			require.NotNil(t, got, "JSON needs a list")
			require.Empty(t, got)
		}
	}
	_, err := s.Stats(deadline(t), ws, "email", grapevine.Position{})
	require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err))
}

// Both ways to count tags agree for any stored values, also after changes.
func TestBothWaysToCountTagsAgree(t *testing.T) {
	s, db := prepared(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	value := func() any {
		return []any{"a", "A", "ä", "b", "b\x00", "ba", "", "c c", 7, nil, bson.A{"a"}, bson.D{{Key: "a", Value: "b"}}, bson.Symbol("z")}[r.IntN(12)]
	}
	var docs []bson.D
	for range 400 {
		var tags any
		switch r.IntN(6) {
		case 0:
			tags = value()
		default:
			list := bson.A{}
			for range r.IntN(4) {
				list = append(list, value())
			}
			tags = list
		}
		docs = append(docs, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: []string{ws, "other"}[r.IntN(2)]}, {Key: "tags", Value: tags}})
	}
	insertFormed(t, db, docs...)
	countBothWays := func() []grapevine.StatCount {
		var ways [2][]grapevine.StatCount
		for i, limit := range []int{0, 1000} {
			s.MaxIndexedTags(limit)
			var err error
			ways[i], err = s.Stats(deadline(t), ws, grapevine.PerTag, grapevine.Position{})
			require.NoError(t, err)
		}
		require.Equal(t, ways[0], ways[1])
		return ways[1]
	}
	before := countBothWays()
	require.NotEmpty(t, before)
	contacts := db.Collection(grapevine.CollectionContacts)
	_, err := contacts.UpdateMany(deadline(t), bson.D{{Key: "workspace", Value: ws}, {Key: "tags.0", Value: "b"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "tags.0", Value: "new"}}}}, options.UpdateMany().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	formAll(t, db)
	require.NotEqual(t, before, countBothWays())
	_, err = contacts.UpdateMany(deadline(t), bson.D{{Key: "tags", Value: "a"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "tags", Value: "a"}}}}, options.UpdateMany().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	formAll(t, db)
	countBothWays()
	_, err = contacts.InsertOne(deadline(t), bson.D{{Key: "workspace", Value: ws}, {Key: "tags", Value: bson.A{bson.Symbol("z"), "zz"}}}, options.InsertOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	formAll(t, db)
	countBothWays()
}
