package store_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/store"
)

// stages returns the stages of a command's winning plan, and how many keys and documents it examined.
func stages(t *testing.T, db *mongo.Database, command bson.D) (names []string, keys, docs int64) {
	t.Helper()
	raw, err := db.RunCommand(deadline(t), bson.D{{Key: "explain", Value: command}, {Key: "verbosity", Value: "executionStats"}}).Raw()
	require.NoError(t, err)
	var walk func(v bson.RawValue)
	walk = func(v bson.RawValue) {
		if list, ok := v.ArrayOK(); ok {
			values, err := list.Values()
			require.NoError(t, err)
			for _, v := range values {
				walk(v)
			}
		}
		doc, ok := v.DocumentOK()
		if !ok {
			return
		}
		elements, err := doc.Elements()
		require.NoError(t, err)
		for _, e := range elements {
			if e.Key() == "stage" {
				names = append(names, e.Value().StringValue())
			}
			if e.Key() == "rejectedPlans" || e.Key() == "executionStages" {
				continue
			}
			if n, ok := e.Value().AsInt64OK(); ok && e.Key() == "totalKeysExamined" {
				keys += n
			} else if ok && e.Key() == "totalDocsExamined" {
				docs += n
			}
			walk(e.Value())
		}
	}
	walk(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw})
	require.NotEmpty(t, names)
	return names, keys, docs
}

// A list without filters or with one reads about as many contacts as it shows.
func TestEveryListReadsOneRangeOfAnIndex(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 3000)
	filters := map[string]grapevine.Query{
		"none": {}, "company": {Company: "Nimbus Analytics"}, "tag": {Tags: []string{"customer"}}, "owner": {Owner: "sam"},
		"kind": {Kind: grapevine.Organization}, "without": {Without: []string{grapevine.WithoutPhone}},
	}
	for name, q := range filters {
		for _, sort := range sorts {
			if sort.Field() == "company" && name != "none" && name != "company" {
				continue // no index has this order
			}
			t.Run(name+" "+string(sort), func(t *testing.T) {
				q.Workspace, q.Sort, q.Limit = ws, sort, 50
				commands, err := s.Commands(deadline(t), q)
				require.NoError(t, err)
				require.NotEmpty(t, commands)
				for _, command := range commands {
					names, keys, docs := stages(t, db, command)
					require.Contains(t, names, "IXSCAN")
					require.NotContains(t, names, "SORT", "%v", command)
					require.NotContains(t, names, "COLLSCAN")
					require.LessOrEqual(t, max(keys, docs), int64(60), "%v", command)
				}
			})
		}
	}
}

func TestStatisticsUseAnIndex(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 500)
	for _, stat := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerMonth} {
		pipeline, hint := store.Pipeline(ws, stat)
		names, _, docs := stages(t, db, bson.D{
			{Key: "aggregate", Value: grapevine.CollectionContacts},
			{Key: "pipeline", Value: pipeline},
			{Key: "hint", Value: hint},
			{Key: "cursor", Value: bson.D{}},
		})
		require.True(t, slices.Contains(names, "IXSCAN"), "%s: %v", stat, names)
		require.Zero(t, docs, "%s: %v", stat, names)
	}
	keys, docs := examined(t, db, func() {
		counts, err := s.Stats(deadline(t), ws, grapevine.PerTag, grapevine.Position{})
		require.NoError(t, err)
		require.Len(t, counts, 10)
	})
	require.Zero(t, docs, "tags are counted without reading contacts")
	require.Less(t, keys, int64(2*500+100), "one key for each of the two tags of a sample contact, and one for each distinct tag")
}
