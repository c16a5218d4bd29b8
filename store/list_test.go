package store_test

import (
	"cmp"
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
	"grapevine/derived"
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

// formAll writes the derived part of every contact, as the pipeline does.
func formAll(t testing.TB, db *mongo.Database) {
	t.Helper()
	var writes []mongo.WriteModel
	for _, c := range decodeAll(t, db) {
		id, err := bson.ObjectIDFromHex(c.ID)
		require.NoError(t, err)
		writes = append(writes, mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: id}}).
			SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "_form", Value: derived.Of(&c)}}}}))
	}
	_, err := db.Collection(grapevine.CollectionContacts).BulkWrite(deadline(t), writes, options.BulkWrite().SetBypassDocumentValidation(true))
	require.NoError(t, err)
}

// insertFormed writes documents with their derived part.
func insertFormed(t testing.TB, db *mongo.Database, docs ...bson.D) {
	t.Helper()
	insertRaw(t, db, docs...)
	formAll(t, db)
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
		require.Less(t, len(*page.Next), 4096, "the API takes no longer cursor")
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

// beginning is the earliest time of a random document.
var beginning = time.Unix(1_700_000_000, 0)

var vocabulary = []string{
	"Ada", "ada", "Adam", "Ådä", "Bell", "Bella", "van Bell", "Ко́валёва", "й", "山田太郎", "O’Brien", "o'brien", "Weiß", "Weiss", "x", "\u0001", "…", "a.b",
	"\U0010ffff", strings.Repeat("long ", 39) + "a", strings.Repeat("long ", 39) + "b",
}

// randomDocument has absent, null and empty fields, values of a wrong type, and few distinct values.
func randomDocument(r *rand.Rand) bson.D {
	id := bson.NewObjectIDFromTimestamp(beginning.Add(time.Duration(r.IntN(50)) * time.Second))
	d := bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: ws}, {Key: "kind", Value: []string{"person", "organization"}[r.IntN(2)]}}
	word := func() string { return vocabulary[r.IntN(len(vocabulary))] }
	for _, field := range []string{"lastName", "firstName", "middleName", "nickname", "name", "company", "owner", "title"} {
		switch r.IntN(12) {
		case 0, 1, 2, 3, 4:
		case 5:
			d = append(d, bson.E{Key: field, Value: []any{nil, "", 7, bson.D{}, bson.A{"ada"}}[r.IntN(4+btoi(field == "lastName"))]}) // MongoDB indexes one list only: that of lastName or nickname
		default:
			d = append(d, bson.E{Key: field, Value: word()})
		}
	}
	if r.IntN(2) == 0 {
		d = append(d, bson.E{Key: "tags", Value: []any{bson.A{word(), word()}, bson.A{}, word()}[r.IntN(3)]})
	}
	if r.IntN(2) == 0 {
		d = append(d, bson.E{Key: "emails", Value: bson.A{bson.D{{Key: "value", Value: strings.ReplaceAll(word(), " ", "") + "@bell.example"}}}})
	}
	if r.IntN(2) == 0 {
		phones := []string{"+49 30 123456", "030 123456", "0049 40 1234", "(212) 555-1234", "12"}
		d = append(d, bson.E{Key: "phone", Value: phones[r.IntN(len(phones))]})
	}
	if r.IntN(4) == 0 {
		d = append(d, bson.E{Key: "organizationId", Value: bson.ObjectID{11: byte(r.IntN(2))}})
	}
	for _, field := range []string{"createdAt", "updatedAt"} {
		if r.IntN(3) > 0 {
			d = append(d, bson.E{Key: field, Value: beginning.Add(time.Duration(r.IntN(50)) * time.Second)})
		}
	}
	return d
}

// randomFilters has none to three filters.
func randomFilters(r *rand.Rand) (q grapevine.Query) {
	word := func() string { return vocabulary[r.IntN(len(vocabulary))] }
	moment := func() time.Time { return beginning.Add(time.Duration(r.IntN(50_000)) * time.Millisecond) }
	for range r.IntN(4) {
		switch r.IntN(10) {
		case 0:
			q.Company = word()
		case 1:
			q.Tags = append(q.Tags, word())
		case 2:
			q.Owner = word()
		case 3, 4:
			q.Kind = []grapevine.Kind{grapevine.Person, grapevine.Organization}[r.IntN(2)]
		case 5:
			q.OrganizationID = bson.ObjectID{11: byte(r.IntN(2))}.Hex()
		case 6:
			q.Without = append(q.Without, []string{grapevine.WithoutEmail, grapevine.WithoutPhone}[r.IntN(2)])
		case 7:
			q.CreatedAfter = moment()
		case 8:
			q.CreatedBefore, q.UpdatedAfter = moment(), moment()
		case 9:
			q.UpdatedBefore = moment()
		}
	}
	q.Workspace = ws
	return q
}

// fits is the contract of the filters.
func fits(c *grapevine.Contact, q grapevine.Query) bool {
	between := func(t grapevine.Time, after, before time.Time) bool {
		return (after.IsZero() || t.After(after)) && (before.IsZero() || t.Before(before))
	}
	return (q.Company == "" || c.Company == q.Company) && (q.Owner == "" || c.Owner == q.Owner) && (q.Kind == "" || c.Kind == q.Kind) &&
		(q.OrganizationID == "" || c.OrganizationID == q.OrganizationID) &&
		!slices.ContainsFunc(q.Tags, func(tag string) bool { return !slices.Contains(c.Tags, tag) }) &&
		(!slices.Contains(q.Without, grapevine.WithoutEmail) || len(c.Emails) == 0) &&
		(!slices.Contains(q.Without, grapevine.WithoutPhone) || len(c.Phones) == 0) &&
		between(c.CreatedAt, q.CreatedAfter, q.CreatedBefore) && between(c.UpdatedAt, q.UpdatedAfter, q.UpdatedBefore)
}

// model is a contact as the tests' own list and search see it.
type model struct {
	grapevine.Contact

	form derived.Form
}

func (m *model) unformed() bool { return m.form.Of == "" }

// expected is the list according to the contract, computed without MongoDB.
func expected(all []model, q grapevine.Query) (list []string) {
	unfiltered := q
	unfiltered.Sort, unfiltered.Limit = "", 0
	var left []model
	for _, m := range all {
		if fits(&m.Contact, q) && (!m.unformed() || unfiltered.Key() == (grapevine.Query{}).Key()) {
			left = append(left, m)
		}
	}
	direction := 1
	if q.Sort.Descending() {
		direction = -1
	}
	slices.SortFunc(left, func(a, b model) int {
		last := func(m model) int {
			switch {
			case m.unformed():
				return 2
			case q.Sort.Field() == "name" && m.form.Name >= derived.NoText, q.Sort.Field() == "company" && m.form.Company >= derived.NoText:
				return 1
			}
			return 0
		}
		if r := cmp.Compare(last(a), last(b)); r != 0 || last(a) == 2 {
			return cmp.Or(r, direction*strings.Compare(a.ID, b.ID))
		}
		r := map[string]int{
			"name":      strings.Compare(a.form.Name, b.form.Name),
			"company":   cmp.Or(strings.Compare(a.form.Company, b.form.Company), strings.Compare(a.form.Name, b.form.Name)),
			"createdAt": a.CreatedAt.Compare(b.CreatedAt.Time),
			"updatedAt": a.UpdatedAt.Compare(b.UpdatedAt.Time),
		}[q.Sort.Field()]
		return direction * cmp.Or(r, strings.Compare(a.ID, b.ID))
	})
	for _, m := range left {
		list = append(list, m.ID)
	}
	return list
}

func decodeAll(t testing.TB, db *mongo.Database) (all []grapevine.Contact) {
	t.Helper()
	for _, m := range models(t, db) {
		all = append(all, m.Contact)
	}
	return all
}

func models(t testing.TB, db *mongo.Database) (all []model) {
	t.Helper()
	cursor, err := db.Collection(grapevine.CollectionContacts).Find(deadline(t), bson.D{})
	require.NoError(t, err)
	for cursor.Next(context.Background()) {
		c, err := store.Decode(cursor.Current)
		require.NoError(t, err)
		m := model{Contact: c}
		if _, ok := cursor.Current.Lookup("_form").DocumentOK(); ok {
			m.form = derived.Of(&c)
		}
		all = append(all, m)
	}
	require.NoError(t, cursor.Err())
	return all
}

// randomContacts fills a database. Some contacts have no derived part yet.
func randomContacts(t testing.TB, r *rand.Rand, db *mongo.Database, formed, unformed int) []model {
	t.Helper()
	random := func(n int) (docs []bson.D) {
		for range n {
			docs = append(docs, randomDocument(r))
		}
		return docs
	}
	insertFormed(t, db, random(formed)...)
	if unformed > 0 {
		insertRaw(t, db, random(unformed)...)
	}
	return models(t, db)
}

// newRandom is a source of random numbers that a failed test names.
func newRandom(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// engines are the ways in which a page is found.
var engines = []struct {
	name         string
	gatherAtMost int
	workFor      time.Duration
	firstChunk   int
}{
	{"gather", 4000, time.Minute, 500},
	{"walk", -1, time.Minute, 3},
	{"walk a chunk for each page", -1, 0, 7},
	{"either", 20, time.Minute, 20},
}

func TestEveryListIsCompleteAndInOrder(t *testing.T) {
	s, db := prepared(t)
	r := newRandom(t)
	all := randomContacts(t, r, db, 250, 20)
	for range 25 {
		q := randomFilters(r)
		q.Sort = sorts[r.IntN(len(sorts))]
		want := expected(all, q)
		for _, engine := range engines {
			s.GatherAtMost(engine.gatherAtMost)
			s.WorkFor(engine.workFor, engine.firstChunk)
			for _, q.Limit = range []int{1 + r.IntN(9), 200} {
				require.Equal(t, want, append([]string(nil), ids(pages(t, s, q))...), "%s, limit %d, %s", engine.name, q.Limit, q.Key())
			}
		}
	}
	for _, sort := range sorts {
		q := grapevine.Query{Workspace: ws, Sort: sort, Limit: 37}
		require.Equal(t, expected(all, q), ids(pages(t, s, q)), sort)
	}
}

// Each contact that nobody edits is in a walk through the pages once, whatever is written meanwhile.
func TestAWalkMeetsEachSettledContactOnce(t *testing.T) {
	s, db := prepared(t)
	r := newRandom(t)
	settled := randomContacts(t, r, db, 120, 0)
	ctx, cancel := context.WithCancel(deadline(t))
	defer cancel()
	done := make(chan error, 1)
	go func() {
		contacts := db.Collection(grapevine.CollectionContacts)
		for i := 0; ctx.Err() == nil; i++ {
			c := grapevine.Contact{Workspace: ws, Kind: grapevine.Person, LastName: vocabulary[i%len(vocabulary)], FirstName: fmt.Sprint("other", i), Tags: []string{"Ada"}}
			c, _, _, err := s.Create(ctx, c, grapevine.Idempotency{})
			if err == nil && i%3 == 0 {
				_, _, err = s.Update(ctx, ws, c.ID, nil, func(c grapevine.Contact) (grapevine.Contact, error) { c.LastName = "Bell"; return c, nil })
			}
			if err == nil && i%2 == 0 {
				_, err = s.Delete(ctx, ws, c.ID, nil)
			}
			if err == nil && i%20 == 0 {
				_, err = contacts.DeleteMany(ctx, bson.D{{Key: "firstName", Value: bson.D{{Key: "$regex", Value: "^other"}}}})
			}
			if err != nil && ctx.Err() == nil && grapevine.ErrorCode(err) != grapevine.NotFound && grapevine.ErrorCode(err) != grapevine.Invalid {
				done <- err
				return
			}
		}
		done <- nil
	}()
	isSettled := map[string]bool{}
	for _, m := range settled {
		isSettled[m.ID] = true
	}
	for i := range 24 {
		engine := engines[i%len(engines)]
		s.GatherAtMost(engine.gatherAtMost)
		s.WorkFor(engine.workFor, engine.firstChunk)
		q := randomFilters(r)
		q.Sort, q.Limit = sorts[r.IntN(len(sorts))], 1+r.IntN(20)
		search := i%4 == 3
		if search {
			q.Words = []string{"a", "bell", "ada b"}[r.IntN(3)]
		}
		var met []string
		for _, id := range ids(pages(t, s, q)) {
			if isSettled[id] {
				met = append(met, id)
			}
		}
		want := expected(settled, q)
		if search {
			want = expectedHits(t, settled, q)
			slices.Sort(want)
			slices.Sort(met)
		}
		require.Equal(t, want, met, "%s, %s", engine.name, q.Key())
	}
	cancel()
	require.NoError(t, <-done)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
