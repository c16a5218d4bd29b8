package store_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

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

// Without its index a list is slower, and a search too.
func TestListsAndSearchesDoWithoutIndexes(t *testing.T) {
	s, db := prepared(t)
	r := newRandom(t)
	all := randomContacts(t, r, db, 80, 5)
	contacts := db.Collection(grapevine.CollectionContacts)
	check := func(state string) {
		for range 20 {
			q := randomFilters(r)
			q.Sort, q.Limit = sorts[r.IntN(len(sorts))], 7
			require.Equal(t, expected(all, q), append([]string(nil), ids(pages(t, s, q))...), "%s %s", state, q.Key())
			q.Words = []string{"ada", "a b", "030"}[r.IntN(3)]
			require.Equal(t, expectedHits(t, all, q), append([]string(nil), ids(pages(t, s, q))...), "%s %s", state, q.Key())
		}
		for _, stat := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerTag, grapevine.PerMonth} {
			_, err := s.Stats(deadline(t), ws, stat, grapevine.Position{})
			require.NoError(t, err, stat)
		}
	}
	for _, name := range []string{"form_words", "form_phones", "form_facets_by_name", "form_facets_by_created", "form_facets_by_updated", "form_name", "form_created", "form_updated", "form_company"} {
		require.NoError(t, db.RunCommand(deadline(t), bson.D{
			{Key: "collMod", Value: contacts.Name()}, {Key: "index", Value: bson.D{{Key: "name", Value: name}, {Key: "hidden", Value: true}}},
		}).Err())
	}
	check("hidden")
	require.NoError(t, contacts.Indexes().DropAll(deadline(t)))
	check("dropped")
}
