package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestStats(t *testing.T) {
	s, db := prepared(t)
	at := func(year int, month time.Month) time.Time { return time.Date(year, month, 28, 23, 59, 59, 0, time.UTC) }
	id := bson.NewObjectIDFromTimestamp
	contact := func(id bson.ObjectID, fields ...bson.E) bson.D {
		return append(bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: ws}}, fields...)
	}
	insertRaw(
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
	for stat, want := range map[grapevine.Stat][]grapevine.Count{
		grapevine.PerCompany: {{Value: "Acme", Count: 2}, {Value: "Beta", Count: 1}, {Value: "acme", Count: 1}},
		grapevine.PerTag:     {{Value: "x", Count: 2}, {Value: "a", Count: 1}, {Value: "y", Count: 1}},
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
		require.NotNil(t, got, "a list in JSON")
		require.Empty(t, got)
	}
	_, err := s.Stats(deadline(t), ws, "email", grapevine.Position{})
	require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err))
}
