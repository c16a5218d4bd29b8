package store_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/seed"
	"grapevine/store"
)

var benchContacts = flag.Int("contacts", 20_000, "contacts the benchmarks of lists and searches read")

// BenchmarkLists gives the figures in docs/performance.md:
//
//	go test -run none -bench Lists -benchtime 1x -timeout 3h ./store/ -contacts 1000000
//
// No answer comes from the cache of answers. A first round of each group warms MongoDB's own cache.
func BenchmarkLists(b *testing.B) {
	db := realtest.New(b).DB(b)
	s := store.New(db, store.Config{Timeout: time.Minute})
	require.NoError(b, s.PrepareCollection(b.Context()))
	fill(b, s, *benchContacts) // loading first and indexing later takes a third of the time
	require.NoError(b, s.PrepareIndexes(b.Context()))
	b.Run("index bytes", func(b *testing.B) {
		for b.Loop() {
			logIndexBytes(b, db)
		}
	})
	frequent := frequentWords(b, db)
	companies, err := s.Stats(b.Context(), ws, grapevine.PerCompany, grapevine.Position{})
	require.NoError(b, err)
	filters := []grapevine.Query{
		{Kind: grapevine.Organization},
		{Tags: []string{"vip"}},
		{Tags: []string{"customer"}},
		{Owner: "sam"},
		{Company: companies[0].Value},
		{Company: companies[len(companies)-1].Value},
		{Without: []string{grapevine.WithoutPhone}},
		{CreatedAfter: time.Now().AddDate(0, -1, 0)},
		{UpdatedBefore: time.Now().AddDate(0, -6, 0)},
	}
	group := func(name string, queries []grapevine.Query) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				measure(b, s, queries)
			}
		})
	}
	var plain, one, two, word, filtered, pairs []grapevine.Query
	for _, sort := range sorts {
		plain = append(plain, grapevine.Query{Sort: sort})
		for i, filter := range filters {
			filter.Sort = sort
			if sort.Field() == "company" { // no index has this order
				two = append(two, filter)
			} else {
				one = append(one, filter)
			}
			for _, other := range filters[:i] {
				two = append(two, both(filter, other))
			}
		}
	}
	for letter := 'a'; letter <= 'z'; letter++ {
		word = append(word, grapevine.Query{Words: string(letter)})
	}
	for i, first := range frequent {
		word = append(word, grapevine.Query{Words: first}, grapevine.Query{Words: first[:min(len(first), 2)]}, grapevine.Query{Words: first[:min(len(first), 4)]})
		for _, filter := range filters {
			filter.Words = first
			filtered = append(filtered, filter)
		}
		for _, second := range frequent[:min(i, 8)] {
			pairs = append(pairs, grapevine.Query{Words: first + " " + second}, grapevine.Query{Words: first + " " + second[:1]})
		}
	}
	group("list", plain)
	group("list, one filter", one)
	group("list, two filters or company with one", two)
	group("one word", word)
	group("one word and a filter", filtered)
	group("two words", pairs)
	group("text search", []grapevine.Query{{Text: "smith"}, {Text: "morning"}})
	for _, stat := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerTag, grapevine.PerMonth} {
		b.Run("statistic "+string(stat), func(b *testing.B) {
			for b.Loop() {
				_, err := s.Stats(b.Context(), ws, stat, grapevine.Position{})
				require.NoError(b, err)
			}
		})
	}
}

// both combines two filters.
func both(a, b grapevine.Query) grapevine.Query {
	a.Kind, a.Owner, a.Company = cmp.Or(a.Kind, b.Kind), cmp.Or(a.Owner, b.Owner), cmp.Or(a.Company, b.Company)
	a.Tags, a.Without = slices.Concat(a.Tags, b.Tags), slices.Concat(a.Without, b.Without)
	if a.CreatedAfter.IsZero() {
		a.CreatedAfter = b.CreatedAfter
	}
	if a.UpdatedBefore.IsZero() {
		a.UpdatedBefore = b.UpdatedBefore
	}
	return a
}

// measure reports how long the first pages of the queries take, in milliseconds, and how many are short.
func measure(b *testing.B, s *store.Store, queries []grapevine.Query) {
	b.Helper()
	var took []time.Duration
	var short int
	var worst string
	var slowest time.Duration
	for round := range 2 {
		took, short, slowest = took[:0], 0, 0
		for _, q := range queries {
			q.Workspace, q.Limit = ws, 50
			begun := time.Now()
			page, err := s.List(b.Context(), q, grapevine.Position{})
			require.NoError(b, err)
			took = append(took, time.Since(begun))
			if took[len(took)-1] > slowest {
				slowest, worst = took[len(took)-1], q.Key()
			}
			if page.Next != nil && len(page.Items) < q.Limit {
				short++
			}
		}
		if round == 0 {
			continue
		}
		slices.Sort(took)
		milliseconds := func(share float64) float64 {
			return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
		}
		b.ReportMetric(milliseconds(0.5), "p50-ms")
		b.ReportMetric(milliseconds(0.99), "p99-ms")
		b.ReportMetric(float64(len(queries)), "queries")
		b.ReportMetric(float64(short), "short")
		b.Logf("slowest: %s in %s", worst, slowest)
	}
}

// frequentWords are the words that most contacts have.
func frequentWords(b *testing.B, db *mongo.Database) (words []string) {
	b.Helper()
	cursor, err := db.Collection(grapevine.CollectionContacts).Find(b.Context(), bson.D{})
	require.NoError(b, err)
	defer func() { _ = cursor.Close(context.Background()) }()
	counts := map[string]int{}
	for range 20_000 {
		if !cursor.Next(b.Context()) {
			break
		}
		entries, err := cursor.Current.Lookup("_form", "w").Array().Values()
		require.NoError(b, err)
		for _, entry := range entries {
			_, word, _ := strings.Cut(entry.StringValue(), ":")
			counts[word]++
		}
	}
	words = slices.SortedFunc(maps.Keys(counts), func(x, y string) int { return cmp.Or(cmp.Compare(counts[y], counts[x]), strings.Compare(x, y)) })
	return words[:min(len(words), 24)]
}

func logIndexBytes(b *testing.B, db *mongo.Database) {
	b.Helper()
	var stats struct {
		Count   float64            `bson:"count"`
		Size    float64            `bson:"size"`
		Indexes map[string]float64 `bson:"indexSizes"`
	}
	require.NoError(b, db.RunCommand(b.Context(), bson.D{{Key: "collStats", Value: grapevine.CollectionContacts}}).Decode(&stats))
	var sum float64
	var each []string
	for _, name := range slices.Sorted(maps.Keys(stats.Indexes)) {
		each = append(each, fmt.Sprintf("%s %.0f", name, stats.Indexes[name]/stats.Count))
		sum += stats.Indexes[name]
	}
	b.Log("bytes a contact: " + strings.Join(each, ", "))
	b.ReportMetric(sum/stats.Count, "B/contact")
	b.ReportMetric(stats.Size/stats.Count, "document-B/contact")
}

// BenchmarkInserts compares the rate of inserts by 32 writers with that into a collection without indexes.
func BenchmarkInserts(b *testing.B) {
	rate := func(prepare func(*store.Store) error) float64 {
		s := store.New(realtest.New(b).DB(b), store.Config{Timeout: time.Minute})
		require.NoError(b, s.PrepareCollection(b.Context()))
		require.NoError(b, prepare(s))
		n := *benchContacts / 4
		var group errgroup.Group
		group.SetLimit(32)
		begun := time.Now()
		for c := range (seed.Samples{Workspace: ws, Seed: 2, Count: n}).Contacts(time.Now()) {
			group.Go(func() error { return s.AddMissing(b.Context(), []grapevine.Contact{c}) })
		}
		require.NoError(b, group.Wait())
		return float64(n) / time.Since(begun).Seconds()
	}
	for b.Loop() {
		without := rate(func(*store.Store) error { return nil })
		with := rate(func(s *store.Store) error { return s.PrepareIndexes(b.Context()) })
		b.ReportMetric(without, "without/s")
		b.ReportMetric(with, "with/s")
		b.ReportMetric(with/without, "ratio")
		fmt.Fprintln(b.Output(), "32 writers, one contact a write")
	}
}
