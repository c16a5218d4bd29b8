package store_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// sizedPages reads all pages of a list, and requires that none is larger than 4 MB.
func sizedPages(t *testing.T, list func(grapevine.Query) grapevine.Page, q grapevine.Query) (items []grapevine.ListItem) {
	t.Helper()
	for range 1000 {
		page := list(q)
		body, err := json.Marshal(page)
		require.NoError(t, err)
		require.Less(t, len(body), 4_000_000)
		require.NotEmpty(t, page.Items)
		items = append(items, page.Items...)
		if page.Next == nil {
			return items
		}
		require.Less(t, len(*page.Next), 8000, "the cursor is a part of a URL")
		q.After = *page.Next
	}
	require.Fail(t, "the list has no end")
	return nil
}

func TestAPageIsBoundedInBytes(t *testing.T) {
	s, db := prepared(t)
	var docs []bson.D
	add := func(fields ...bson.E) {
		docs = append(docs, append(bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "tags", Value: bson.A{"big"}}}, fields...))
	}
	const most = 15_700_000
	for field, size := range map[string]int{"lastName": most, "company": 2_000_000, "notes": 3_000_000, "own": 9_000_000} {
		add(bson.E{Key: "firstName", Value: "Ada"}, bson.E{Key: field, Value: strings.Repeat("x", size)})
	}
	add(bson.E{Key: "firstName", Value: strings.Repeat("\x01", 1_000_000)})
	tags := bson.A{"big"}
	for range 100_000 {
		tags = append(tags, "<tag>")
	}
	docs = append(docs, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "lastName", Value: "B"}, {Key: "tags", Value: tags}})
	for range 250 { // as large as the API allows
		add(bson.E{Key: "firstName", Value: "Ada"}, bson.E{Key: "lastName", Value: "C"}, bson.E{Key: "notes", Value: strings.Repeat("\n", 4000)}, bson.E{Key: "name", Value: strings.Repeat("😀", 5000)})
	}
	insertFormed(t, db, docs...)
	list := func(q grapevine.Query) grapevine.Page {
		page, err := s.List(deadline(t), q, grapevine.Position{})
		require.NoError(t, err)
		return page
	}
	want := make([]string, len(docs))
	for i, d := range docs {
		want[i] = d[0].Value.(bson.ObjectID).Hex()
	}
	slices.Sort(want)
	for gathered, q := range map[int]grapevine.Query{-1: {Sort: grapevine.ByNameDesc}, 2000: {Sort: grapevine.ByCompany, Tags: []string{"big"}}} {
		s.GatherAtMost(gathered)
		q.Workspace, q.Limit = ws, 200
		items := sizedPages(t, list, q)
		got := ids(items)
		slices.Sort(got)
		require.Equal(t, want, got, "%s %d", q.Sort, gathered)
		truncated := 0
		for _, item := range items {
			if item.Truncated {
				truncated++
			}
		}
		require.Equal(t, 5, truncated, "all but the one whose size is in a field that is not shown")
	}
	// One at a time, so that a contact with long sort values is the last of a page.
	const first = 6
	for _, q := range []grapevine.Query{{Sort: grapevine.ByNameDesc}, {Sort: grapevine.ByCompanyDesc}, {Tags: []string{"big"}, Sort: grapevine.ByNameDesc}} {
		q.Workspace, q.Limit = ws, 1
		seen := map[string]bool{}
		for range first {
			page := list(q)
			require.Len(t, page.Items, 1)
			require.False(t, seen[page.Items[0].ID])
			seen[page.Items[0].ID] = true
			q.After = *page.Next
		}
	}
	// An export has everything.
	whole := 0
	e, err := s.StartExport(deadline(t), grapevine.Position{})
	require.NoError(t, err)
	for !e.End {
		contacts, err := s.ExportPage(deadline(t), grapevine.Query{Workspace: ws}, &e)
		require.NoError(t, err)
		for _, c := range contacts {
			whole += len(c.LastName) + len(c.Notes) + len(c.Company)
		}
	}
	require.Greater(t, whole, most+5_000_000)
	counts, err := s.Stats(deadline(t), ws, grapevine.PerCompany, grapevine.Position{})
	require.NoError(t, err)
	require.Less(t, len(counts[0].Value), 1000)
	largest := list(grapevine.Query{Workspace: ws, Sort: grapevine.ByNameDesc, Limit: 1}).Items[0]
	got, err := s.Get(deadline(t), ws, largest.ID, grapevine.Position{})
	require.NoError(t, err)
	require.Len(t, got.LastName, most, "a single contact is read whole")
}
