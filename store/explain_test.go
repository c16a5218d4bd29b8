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

func TestEveryListAndFilterUsesAnIndex(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 3000)
	for _, sort := range sorts {
		t.Run("sort "+string(sort), func(t *testing.T) {
			streams, _ := store.Commands(grapevine.Query{Workspace: ws, Sort: sort, Limit: 50})
			require.NotEmpty(t, streams)
			for _, command := range streams {
				names, keys, docs := stages(t, db, command)
				require.Contains(t, names, "IXSCAN")
				require.NotContains(t, names, "SORT")
				require.NotContains(t, names, "COLLSCAN")
				require.LessOrEqual(t, max(keys, docs), int64(60), "a page reads about as many contacts as it shows")
			}
		})
	}
	for name, q := range map[string]grapevine.Query{
		"company": {Company: "Nimbus Analytics"}, "tag": {Tag: "customer"}, "owner": {Owner: "sam"},
		"kind": {Kind: grapevine.Organization}, "prefix": {Prefix: "mÜ"},
	} {
		t.Run("filter "+name, func(t *testing.T) {
			q.Workspace = ws
			_, filters := store.Commands(q)
			require.NotEmpty(t, filters)
			for _, command := range filters {
				names, _, docs := stages(t, db, command)
				require.Contains(t, names, "IXSCAN")
				require.NotContains(t, names, "COLLSCAN")
				if name != "prefix" { // an index with a collation holds no texts
					require.Zero(t, docs, "the index alone answers: %v", names)
				}
			}
		})
	}
}

func TestAPrefixReadsOnlyItsMatches(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 3000)
	page, err := s.List(deadline(t), grapevine.Query{Workspace: ws, Limit: 1}, grapevine.Position{})
	require.NoError(t, err)
	q := grapevine.Query{Workspace: ws, Prefix: "ma", Limit: 200}
	found := int64(len(pages(t, s, q)))
	require.NotZero(t, found)
	require.NotEmpty(t, page.Items)
	_, filters := store.Commands(q)
	var keys int64
	for _, command := range filters {
		_, k, _ := stages(t, db, command)
		keys += k
	}
	require.Less(t, keys, 2*found+10)
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
