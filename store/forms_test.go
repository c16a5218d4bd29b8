package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A list in place of a text is absent, as in the contact that is shown, and the contact is listed once.
func TestAListInPlaceOfATextIsListedOnce(t *testing.T) {
	s, db := prepared(t)
	var docs []bson.D
	fields := []string{"lastName", "firstName", "name", "company", "owner", "notes", "createdAt", "updatedAt", "kind"}
	for _, field := range fields {
		for _, list := range []bson.A{{}, {"a"}, {"a", "b"}, {nil}, {bson.A{"a"}}, {bson.D{{Key: "a", Value: "b"}}}, {bson.DateTime(7)}} {
			d := bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: ws}}
			for _, other := range []string{"lastName", "firstName", "name", "company"} {
				if other != field && len(docs)%2 == 0 {
					d = append(d, bson.E{Key: other, Value: "b"})
				}
			}
			docs = append(docs, append(d, bson.E{Key: "tags", Value: bson.A{"t"}}, bson.E{Key: field, Value: list}))
		}
	}
	insertFormed(t, db, docs...)
	for range 5 {
		create(t, s, ada())
	}
	want := ids(itemsOf(decodeAll(t, db)))
	slices.Sort(want)
	for _, sort := range sorts {
		for _, limit := range []int{1, 7, 200} {
			got := ids(pages(t, s, grapevine.Query{Workspace: ws, Sort: sort, Limit: limit}))
			slices.Sort(got)
			require.Equal(t, want, got, "%s %d", sort, limit)
		}
		for _, gathered := range []int{-1, 2000} {
			s.GatherAtMost(gathered)
			got := pages(t, s, grapevine.Query{Workspace: ws, Sort: sort, Tags: []string{"t"}, Limit: 7})
			require.Len(t, got, len(docs), sort)
			for _, q := range []grapevine.Query{{Company: "a"}, {Owner: "a"}, {Words: "ada"}} {
				q.Workspace, q.Sort, q.Limit = ws, sort, 7
				for _, item := range pages(t, s, q) {
					require.Equal(t, "Ada", item.FirstName, "%+v finds what the contact shows", q)
				}
			}
		}
	}
	counts, err := s.Stats(deadline(t), ws, grapevine.PerCompany, grapevine.Position{})
	require.NoError(t, err)
	shown := map[string]int64{}
	for _, c := range decodeAll(t, db) {
		if c.Company != "" {
			shown[c.Company]++
		}
	}
	require.Len(t, counts, len(shown))
	for _, c := range counts {
		require.Equal(t, shown[c.Value], c.Count)
	}
}

// A direct edit may store a text decomposed. It is the same text for a filter and in a statistic.
func TestUnicodeFormsAreEqual(t *testing.T) {
	s, db := prepared(t)
	const composed, decomposed = "Zo\u00eb \u00c5\u1e69 \uac00", "Zoe\u0308 A\u030as\u0323\u0307 \u1100\u1161"
	values := []string{composed, decomposed, "Zo\u00eb A\u030a\u1e69 \uac00"}
	for _, value := range values {
		insertRaw(t, db, bson.D{
			{Key: "_id", Value: bson.NewObjectID()},
			{Key: "workspace", Value: ws},
			{Key: "kind", Value: "person"},
			{Key: "firstName", Value: value},
			{Key: "company", Value: value},
			{Key: "owner", Value: value},
			{Key: "tags", Value: bson.A{value, "x"}},
		})
	}
	insertRaw(t, db, bson.D{
		{Key: "_id", Value: bson.NewObjectID()},
		{Key: "workspace", Value: ws},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Zo"},
		{Key: "tags", Value: bson.A{composed, decomposed}},
	})
	formAll(t, db)
	for _, gathered := range []int{-1, 2000} {
		s.GatherAtMost(gathered)
		for _, sort := range sorts {
			for _, asked := range values[:2] {
				for filter, want := range map[*grapevine.Query]int{{Company: asked}: 3, {Owner: asked}: 3, {Tags: []string{asked}}: 4, {Words: strings.Fields(asked)[0]}: 4} {
					filter.Workspace, filter.Sort, filter.Limit = ws, sort, 1
					require.Len(t, pages(t, s, *filter), want, "%+v", filter)
				}
			}
		}
	}
	for _, indexed := range []int{0, 1000} {
		s.MaxIndexedTags(indexed)
		for stat, want := range map[grapevine.Stat]int64{grapevine.PerCompany: 3, grapevine.PerTag: 4} {
			counts, err := s.Stats(deadline(t), ws, stat, grapevine.Position{})
			require.NoError(t, err)
			if indexed == 0 && stat == grapevine.PerTag {
				want = 5 // without the index, a contact with two forms of a tag counts for each
			}
			require.Equal(t, grapevine.StatCount{Value: composed, Count: want}, counts[0], "%s %d", stat, indexed)
		}
	}
}
