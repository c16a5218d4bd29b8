package store_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/text/unicode/norm"

	"grapevine"
	"grapevine/derived"
)

// A document that bypassed the validator is listed exactly once, whatever the type of its sort key.
func TestInvalidDocumentsAreListedOnce(t *testing.T) {
	s, db := prepared(t)
	var docs []bson.D
	for _, wrong := range []any{
		7, -1.5, true, "", nil,
		bson.D{{Key: "a", Value: "b"}},
		bson.Binary{Data: []byte("x")},
		bson.Regex{Pattern: "x"},
		bson.Timestamp{T: 9},
		bson.NewObjectID(), time.Unix(1_700_000_000, 0),
		bson.MaxKey{},
		bson.DateTime(1 << 60), "text",
	} {
		for _, field := range []string{"lastName", "firstName", "name", "company", "createdAt", "updatedAt", "tags", "kind", "addresses", "notes", "_meta"} {
			d := bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: ws}}
			for _, other := range []string{"lastName", "firstName", "name", "company"} {
				if other != field {
					d = append(d, bson.E{Key: other, Value: "Some"})
				}
			}
			docs = append(docs, append(d, bson.E{Key: field, Value: wrong}))
		}
	}
	insertFormed(t, db, docs...)
	want := ids(itemsOf(decodeAll(t, db)))
	slices.Sort(want)
	for _, sort := range sorts {
		items := pages(t, s, grapevine.Query{Workspace: ws, Sort: sort, Limit: 7})
		got := ids(items)
		slices.Sort(got)
		require.Equal(t, want, got, sort)
		_, err := json.Marshal(items)
		require.NoError(t, err)
	}
	for _, stat := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerTag, grapevine.PerMonth} {
		_, err := s.Stats(deadline(t), ws, stat, grapevine.Position{})
		require.NoError(t, err)
	}
	require.NotEmpty(t, pages(t, s, grapevine.Query{Workspace: ws, Text: "some", Limit: 7}))
	for _, q := range []grapevine.Query{{Words: "so"}, {Company: "Some"}, {Tags: []string{"text"}}, {Kind: grapevine.Person}} {
		q.Workspace, q.Limit = ws, 7
		pages(t, s, q)
	}
}

func itemsOf(all []grapevine.Contact) (items []grapevine.ListItem) {
	for _, c := range all {
		items = append(items, grapevine.ListItem{Contact: c})
	}
	return items
}

// A list in place of a text makes an index multikey. The index must still list the other contacts.
func TestAListInPlaceOfANameDoesNotAffectOthers(t *testing.T) {
	s, db := prepared(t)
	for _, name := range []string{"A", "B", "C", "D"} {
		create(t, s, organization(name))
	}
	insertRaw(t, db, bson.D{
		{Key: "_id", Value: bson.NewObjectID()},
		{Key: "workspace", Value: ws},
		{Key: "lastName", Value: bson.A{"B", "D"}},
		{Key: "name", Value: bson.A{"B", "D"}},
		{Key: "company", Value: bson.A{}},
		{Key: "createdAt", Value: bson.A{1, 2}},
	})
	formAll(t, db)
	for _, sort := range sorts {
		var names []string
		for _, item := range pages(t, s, grapevine.Query{Workspace: ws, Sort: sort, Limit: 1}) {
			if item.Name != "" {
				names = append(names, item.Name)
			}
		}
		slices.Sort(names)
		require.Equal(t, []string{"A", "B", "C", "D"}, names, sort)
	}
}

// Names in every script. The test does not know their order, but each must be listed.
func TestNoNameIsLostInAnyScript(t *testing.T) {
	s, db := prepared(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	ranges := [][2]rune{{' ', '~'}, {0xa1, 0x17f}, {0x300, 0x36f}, {0x370, 0x52f}, {0x5d0, 0x6ff}, {0x3040, 0x30ff}, {0x4e00, 0x4fff}, {0x1f300, 0x1f6ff}, {0xff01, 0xff5e}, {0xfff0, 0xffff}}
	word := func() string {
		w := make([]rune, 1+r.IntN(3))
		in := ranges[r.IntN(len(ranges))]
		for i := range w {
			w[i] = in[0] + r.Int32N(in[1]-in[0]+1)
		}
		return norm.NFC.String("é"[:2*r.IntN(2)] + string(w)) // like Validate
	}
	var docs []bson.D
	for i := range 500 {
		d := bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: word()}, {Key: "company", Value: word()}}
		docs = append(docs, append(d, bson.E{Key: []string{"lastName", "name"}[i%2], Value: word()}))
	}
	insertFormed(t, db, docs...)
	for _, sort := range []grapevine.Sort{grapevine.ByName, grapevine.ByNameDesc, grapevine.ByCompany} {
		got := ids(pages(t, s, grapevine.Query{Workspace: ws, Sort: sort, Limit: 11}))
		slices.Sort(got)
		require.Len(t, slices.Compact(got), len(docs), sort)
		require.Len(t, got, len(docs), sort)
	}
	// A search finds every name.
	for _, d := range docs[:60] {
		name := d[3].Value.(string)
		if _, err := derived.Parse(name); err != nil {
			continue // no letter
		}
		items := pages(t, s, grapevine.Query{Workspace: ws, Words: name, Limit: 200})
		require.Contains(t, ids(items), d[0].Value.(bson.ObjectID).Hex(), "search for %q", name)
	}
}

func TestAWorkspaceDoesNotSeeOthers(t *testing.T) {
	s, db := prepared(t)
	mine := create(t, s, organization("Mine"))
	for _, other := range []any{"Default", "DEFAULT", "other", nil, 7} {
		insertRaw(t, db, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: other}, {Key: "kind", Value: "organization"}, {Key: "name", Value: "Mine"}})
	}
	formAll(t, db)
	for _, sort := range sorts {
		for _, q := range []grapevine.Query{{}, {Words: "mi"}, {Kind: grapevine.Organization}} {
			q.Workspace, q.Sort, q.Limit = ws, sort, 1
			require.Equal(t, []string{mine.ID}, ids(pages(t, s, q)), "%s %+v", sort, q)
		}
	}
	require.Equal(t, []string{mine.ID}, ids(pages(t, s, grapevine.Query{Workspace: ws, Text: "mine", Limit: 10})))
	_, err := s.Get(context.Background(), "other", mine.ID, grapevine.Position{})
	require.Equal(t, grapevine.NotFound, grapevine.ErrorCode(err))
}
