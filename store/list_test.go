package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/store"
)

// insertRaw writes documents like a direct edit that bypasses the validator.
func insertRaw(t testing.TB, db *mongo.Database, docs ...bson.D) {
	t.Helper()
	many := make([]any, len(docs))
	for i, d := range docs {
		many[i] = d
	}
	_, err := db.Collection(grapevine.CollectionContacts).InsertMany(deadline(t), many, options.InsertMany().SetBypassDocumentValidation(true))
	require.NoError(t, err)
}

// pages reads all pages of a list.
func pages(t testing.TB, s *store.Store, q grapevine.Query) (items []grapevine.ListItem) {
	t.Helper()
	for range 10_000 {
		page, err := s.List(deadline(t), q, grapevine.Position{})
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), q.Limit)
		items = append(items, page.Items...)
		if page.Next == nil {
			return items
		}
		q.After = *page.Next
	}
	require.Fail(t, "the list has no end")
	return nil
}

func ids(items []grapevine.ListItem) []string {
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = item.ID
	}
	return list
}

var sorts = []grapevine.Sort{
	grapevine.ByName, grapevine.ByNameDesc, grapevine.ByCreated, grapevine.ByCreatedDesc,
	grapevine.ByUpdated, grapevine.ByUpdatedDesc, grapevine.ByCompany, grapevine.ByCompanyDesc,
}

// randomDocument has absent, null and empty fields, few distinct values, and any letter case.
func randomDocument(r *rand.Rand, i int) bson.D {
	id := bson.NewObjectIDFromTimestamp(time.Unix(1_700_000_000+int64(r.IntN(50)), 0))
	d := bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: ws}, {Key: "kind", Value: []string{"person", "organization"}[r.IntN(2)]}}
	word := func() string {
		w := []string{"ada", "adam", "bell", "cole", "d"}[r.IntN(5)]
		return []string{w, strings.ToUpper(w), strings.ToUpper(w[:1]) + w[1:]}[r.IntN(3)]
	}
	for _, field := range []string{"lastName", "firstName", "name", "company", "owner"} {
		switch r.IntN(10) {
		case 0, 1, 2:
		case 3:
			d = append(d, bson.E{Key: field, Value: nil})
		default:
			d = append(d, bson.E{Key: field, Value: word()})
		}
	}
	if r.IntN(2) == 0 {
		d = append(d, bson.E{Key: "tags", Value: bson.A{word(), word()}})
	}
	for _, field := range []string{"createdAt", "updatedAt"} {
		if r.IntN(3) > 0 {
			d = append(d, bson.E{Key: field, Value: time.Unix(1_700_000_000+int64(r.IntN(50)), 0)})
		}
	}
	return append(d, bson.E{Key: "n", Value: i})
}

// expected is the list according to the contract, computed without MongoDB.
func expected(all []grapevine.Contact, q grapevine.Query) []string {
	begins := func(s string) bool { return strings.HasPrefix(strings.ToLower(s), strings.ToLower(q.Prefix)) }
	var left []grapevine.Contact
	for _, c := range all {
		if (q.Company == "" || c.Company == q.Company) && (q.Tag == "" || slices.Contains(c.Tags, q.Tag)) &&
			(q.Owner == "" || c.Owner == q.Owner) && (q.Kind == "" || c.Kind == q.Kind) &&
			(q.Prefix == "" || begins(c.FirstName) || begins(c.LastName) || begins(c.Name)) {
			left = append(left, c)
		}
	}
	sortKey := func(c grapevine.Contact) string {
		switch q.Sort.Field() {
		case "name":
			first := c.LastName
			if first == "" {
				first = c.Name
			}
			return strings.ToLower(first + "\x00" + c.FirstName)
		case "createdAt":
			return fmt.Sprint(c.CreatedAt.UnixMilli())
		case "updatedAt":
			return fmt.Sprint(c.UpdatedAt.UnixMilli())
		}
		return strings.ToLower(c.Company)
	}
	slices.SortFunc(left, func(a, b grapevine.Contact) int {
		r := strings.Compare(sortKey(a)+"\x00"+a.ID, sortKey(b)+"\x00"+b.ID)
		if q.Sort.Descending() {
			return -r
		}
		return r
	})
	list := make([]string, len(left))
	for i, c := range left {
		list[i] = c.ID
	}
	return list
}

func decodeAll(t testing.TB, db *mongo.Database) (all []grapevine.Contact) {
	t.Helper()
	cursor, err := db.Collection(grapevine.CollectionContacts).Find(deadline(t), bson.D{})
	require.NoError(t, err)
	for cursor.Next(context.Background()) {
		c, err := store.Decode(cursor.Current)
		require.NoError(t, err)
		all = append(all, c)
	}
	require.NoError(t, cursor.Err())
	return all
}

func TestEveryListIsCompleteAndInOrder(t *testing.T) {
	s, db := prepared(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var docs []bson.D
	for i := range 150 {
		docs = append(docs, randomDocument(r, i))
	}
	insertRaw(t, db, docs...)
	all := decodeAll(t, db)
	filters := map[string]grapevine.Query{
		"none":     {},
		"kind":     {Kind: grapevine.Person},
		"other":    {Kind: grapevine.Organization},
		"company":  {Company: "Ada"},
		"tag":      {Tag: "bell"},
		"owner":    {Owner: "COLE"},
		"prefix":   {Prefix: "aD"},
		"two":      {Company: "d", Kind: grapevine.Organization},
		"all":      {Company: "ada", Tag: "d", Owner: "bell", Kind: grapevine.Person, Prefix: "b"},
		"no match": {Company: "nobody"},
	}
	for name, q := range filters {
		for _, sort := range sorts {
			t.Run(name+" "+string(sort), func(t *testing.T) {
				q.Workspace, q.Sort = ws, sort
				want := expected(all, q)
				for _, most := range []int{-2, -1, 40, 2000} { // scan out of time, then fetch and sort; scan; either; fetch and sort
					s.GatherAtMost(most)
					s.WalkFor(map[bool]time.Duration{true: 1, false: time.Minute}[most == -2])
					for _, q.Limit = range []int{2 + r.IntN(9), 200} {
						require.Equal(t, want, ids(pages(t, s, q)), "at most %d fetched and sorted, limit %d", most, q.Limit)
					}
				}
			})
		}
	}
}
