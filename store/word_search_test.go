package store_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/derived"
)

// expectedHits is the answer of a search according to the contract, computed without MongoDB.
func expectedHits(t testing.TB, all []model, q grapevine.Query) (list []string) {
	t.Helper()
	terms, err := derived.Parse(q.Words)
	require.NoError(t, err)
	type found struct {
		derived.Hit
		name, id string
	}
	var hits []found
	for _, m := range all {
		if hit, ok := terms.Match(&m.form); ok && !m.unformed() && fits(&m.Contact, q) {
			hits = append(hits, found{hit, m.form.Name, m.ID})
		}
	}
	slices.SortFunc(hits, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), strings.Compare(a.Entry, b.Entry), strings.Compare(a.name, b.name), strings.Compare(a.id, b.id))
	})
	for _, hit := range hits {
		list = append(list, hit.id)
	}
	return list
}

func TestEverySearchIsCompleteAndInOrder(t *testing.T) {
	s, db := prepared(t)
	r := newRandom(t)
	all := randomContacts(t, r, db, 250, 10)
	words := []string{
		"a", "ad", "ada", "adam", "b", "bell", "ADA B", "ada bell", "bell example a", "bell.example", "ada@bell", "Å", "й", "и", "山", "田太", "太郎 ada", "o'brien",
		"obrien bell", "weiss", "WEIß b", "030", "+49 30", "0049 30 123456", "030 123456", "456", "212", "555-1234 a", "1", "12", "123456 bell", "long", "nobody",
		"nobody ada", "a a a a a a a a a a a a", "ada.b", "van bell", "(ada", "a+ b*", "^ada", "[a-z", "\\", "a\\", "1234 5678 a",
	}
	for _, text := range words {
		q := grapevine.Query{Workspace: ws}
		if r.IntN(2) == 0 {
			q = randomFilters(r)
		}
		q.Words = text
		if text == "\\" {
			_, err := s.List(deadline(t), q, grapevine.Position{})
			require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err))
			continue
		}
		want := expectedHits(t, all, q)
		for _, engine := range engines {
			s.GatherAtMost(engine.gatherAtMost)
			s.WorkFor(engine.workFor, engine.firstChunk)
			for _, q.Limit = range []int{1 + r.IntN(9), 200} {
				got := append([]string(nil), ids(pages(t, s, q))...)
				expected := slices.Clone(want)
				if engine.gatherAtMost < 4000 && (len(strings.Fields(text)) > 1 || strings.ContainsAny(text, ".-")) { // each page is in order
					slices.Sort(expected)
					slices.Sort(got)
				}
				require.Equal(t, expected, got, "%s, limit %d, %s", engine.name, q.Limit, q.Key())
			}
		}
	}
}

// A search that looks for a while only says so, and its next pages go on.
func TestASearchIsPartial(t *testing.T) {
	s, _ := prepared(t)
	for range 40 {
		create(t, s, grapevine.Contact{Workspace: ws, Kind: grapevine.Person, FirstName: "Ada", LastName: "Bell"})
		create(t, s, grapevine.Contact{Workspace: ws, Kind: grapevine.Person, FirstName: "Eve", LastName: "Zuse"})
	}
	last := create(t, s, grapevine.Contact{Workspace: ws, Kind: grapevine.Person, FirstName: "Ada", LastName: "Zuse"})
	s.GatherAtMost(-1)
	s.WorkFor(0, 10)
	q := grapevine.Query{Workspace: ws, Words: "ada zus", Limit: 5}
	page, err := s.List(deadline(t), q, grapevine.Position{})
	require.NoError(t, err)
	require.NotNil(t, page.Next)
	require.True(t, page.Partial)
	require.Equal(t, []string{last.ID}, ids(pages(t, s, q)))
	s.WorkFor(time.Minute, 10)
	page, err = s.List(deadline(t), q, grapevine.Position{})
	require.NoError(t, err)
	require.False(t, page.Partial)
	require.Len(t, page.Items, 1)
}

// The work of a request is bounded, whatever it asks for.
func TestHostileSearches(t *testing.T) {
	s, db := prepared(t)
	for range 30 {
		create(t, s, ada())
	}
	for _, text := range []string{
		strings.Repeat("ada ", 10_000), strings.Repeat("a\u0301", 5_000), strings.Repeat("(a+)+$ ", 200), "ada " + strings.Repeat(".*", 1000), strings.Repeat("山", 3000),
		strings.Repeat("1 ", 5000), strings.Repeat("+49 (0) ", 500), strings.Repeat("a@", 5000), strings.Repeat("\u0300", 5000) + "a",
	} {
		keys, docs := examined(t, db, func() {
			_, err := s.List(deadline(t), grapevine.Query{Workspace: ws, Words: text, Limit: 5}, grapevine.Position{})
			require.NoError(t, err, "%.20q", text)
		})
		require.Less(t, keys+docs, int64(3000), "%.20q", text)
	}
}

var formIndexes = []string{
	"form_words", "form_phones", "form_facets_by_name", "form_facets_by_created", "form_facets_by_updated", "form_name", "form_created", "form_updated", "form_company",
}

func hideIndexes(t testing.TB, db *mongo.Database, hidden bool, names ...string) {
	t.Helper()
	for _, name := range names {
		require.NoError(t, db.RunCommand(deadline(t), bson.D{
			{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "index", Value: bson.D{{Key: "name", Value: name}, {Key: "hidden", Value: hidden}}},
		}).Err())
	}
}

// Without its index a list is slower, and a search too. If the contacts are many, they come in the order of ids, in short pages.
func TestListsAndSearchesDoWithoutIndexes(t *testing.T) {
	s, db := prepared(t)
	r := newRandom(t)
	all := randomContacts(t, r, db, 80, 5)
	contacts := db.Collection(grapevine.CollectionContacts)
	check := func(state string) {
		for range 20 {
			q := randomFilters(r)
			q.Sort, q.Limit = sorts[r.IntN(len(sorts))], 7
			found := q
			found.Words = []string{"ada", "a b", "030"}[r.IntN(3)]
			list, hits := expected(all, q), expectedHits(t, all, found)
			require.Equal(t, list, append([]string(nil), ids(pages(t, s, q))...), "%s %s", state, q.Key())
			require.Equal(t, hits, append([]string(nil), ids(pages(t, s, found))...), "%s %s", state, found.Key())
			s.GatherAtMost(10)
			s.WorkFor(0, 1+r.IntN(30))
			require.ElementsMatch(t, list, ids(pages(t, s, q)), "%s, many contacts, %s", state, q.Key())
			require.ElementsMatch(t, hits, ids(pages(t, s, found)), "%s, many contacts, %s", state, found.Key())
			s.GatherAtMost(4000)
			s.WorkFor(time.Minute, 500)
		}
		for _, stat := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerTag, grapevine.PerMonth} {
			_, err := s.Stats(deadline(t), ws, stat, grapevine.Position{})
			require.NoError(t, err, stat)
		}
	}
	hideIndexes(t, db, true, formIndexes...)
	check("hidden")
	hideIndexes(t, db, true, "by_id")
	check("hidden, with that of ids")
	require.NoError(t, contacts.Indexes().DropAll(deadline(t)))
	check("dropped")
}

// An index vanishes between two pages, and is back between two others. The walk meets each contact once.
func TestAWalkGoesOnWithoutItsIndex(t *testing.T) {
	s, db := prepared(t)
	r := newRandom(t)
	all := randomContacts(t, r, db, 80, 5)
	var queries []grapevine.Query
	for _, sort := range sorts {
		queries = append(queries, grapevine.Query{Workspace: ws, Sort: sort})
	}
	for _, words := range []string{"ada", "a", "a b", "bell ada", "1", "030 a"} {
		queries = append(queries, grapevine.Query{Workspace: ws, Words: words})
	}
	s.WorkFor(0, 8)
	for _, q := range queries {
		for _, few := range []int{-1, 10, 4000} { // contacts that are read to be sorted or ranked
			s.GatherAtMost(few)
			q.Limit, q.After = 5, ""
			want := expected(all, q)
			if q.Words != "" {
				want = expectedHits(t, all, q)
			}
			var got []string
			for n := 0; ; n++ {
				page, err := s.List(deadline(t), q, grapevine.Position{})
				require.NoError(t, err, "%s, page %d", q.Key(), n)
				got = append(got, ids(page.Items)...)
				if page.Next == nil {
					break
				}
				q.After = *page.Next
				if n < 2 {
					hideIndexes(t, db, n == 0, formIndexes...)
				}
			}
			hideIndexes(t, db, false, formIndexes...)
			require.ElementsMatch(t, want, got, "%d, %s", few, q.Words+string(q.Sort))
		}
	}
}

// A page without an index looks at a limited number of contacts.
func TestAPageWithoutAnIndexIsBounded(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 3000)
	s.GatherAtMost(50)
	s.WorkFor(0, 100)
	for _, names := range [][]string{formIndexes, {"by_id"}} {
		hideIndexes(t, db, true, names...)
		for _, q := range []grapevine.Query{
			{Sort: grapevine.ByName},
			{Sort: grapevine.ByCreatedDesc},
			{Sort: grapevine.ByCompany, Company: "nobody"},
			{Owner: "nobody"},
			{Words: "zzz"},
			{Words: "a b"},
			{Words: "ada", Tags: []string{"nobody"}},
			{Workspace: "another"},
		} {
			q.Workspace, q.Limit = cmp.Or(q.Workspace, ws), 20
			keys, docs := examined(t, db, func() {
				_, err := s.List(deadline(t), q, grapevine.Position{})
				require.NoError(t, err, q.Key())
			})
			require.Less(t, keys+docs, int64(500), "%s %s", q.Workspace, q.Key())
		}
	}
}
