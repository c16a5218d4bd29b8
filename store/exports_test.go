package store_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/store"
)

// exportAll reads an export to its end. between runs after each page.
func exportAll(t *testing.T, s *store.Store, q grapevine.Query, e *grapevine.Export, between func()) (ids []string) {
	t.Helper()
	for !e.End {
		contacts, err := s.ExportPage(deadline(t), q, e)
		require.NoError(t, err)
		for _, c := range contacts {
			ids = append(ids, c.ID)
		}
		between()
	}
	require.True(t, slices.IsSorted(ids))
	require.Len(t, slices.Compact(slices.Clone(ids)), len(ids), "no contact comes twice")
	return ids
}

func TestExportShowsOneMoment(t *testing.T) {
	s, db := prepared(t)
	contacts := db.Collection(grapevine.CollectionContacts)
	fill(t, s, 450)
	other := create(t, s, grapevine.Contact{Workspace: "other", Kind: grapevine.Person, FirstName: "O"})
	_, err := contacts.InsertOne(deadline(t), bson.D{{Key: "_id", Value: 1}, {Key: "workspace", Value: ws}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "A"}},
		options.InsertOne().SetBypassDocumentValidation(true))
	require.NoError(t, err)
	e, err := s.StartExport(deadline(t), grapevine.Position{})
	require.NoError(t, err)
	ids := exportAll(t, s, grapevine.Query{Workspace: ws}, &e, func() {
		_, err := contacts.DeleteMany(deadline(t), bson.D{{Key: "workspace", Value: ws}})
		require.NoError(t, err)
		create(t, s, ada())
	})
	require.Len(t, ids, 450)
	require.NotContains(t, ids, other.ID)

	e, err = s.StartExport(deadline(t), e.Moment)
	require.NoError(t, err)
	require.Len(t, exportAll(t, s, grapevine.Query{Workspace: ws, Owner: "charles"}, &e, func() {}), 1, "the filters of lists")
}

// A moment that MongoDB keeps no longer costs the moment only.
func TestExportOutlivesItsMoment(t *testing.T) {
	s, db := prepared(t)
	fill(t, s, 250)
	now, err := s.Ping(deadline(t))
	require.NoError(t, err)
	e := grapevine.Export{Moment: grapevine.NewPosition(now.T()-3600, 1, 0)}
	require.Len(t, exportAll(t, s, grapevine.Query{Workspace: ws}, &e, func() {}), 250)
	require.Zero(t, e.Moment)

	t.Run("nor does a missing index cost anything", func(t *testing.T) {
		require.NoError(t, db.Collection(grapevine.CollectionContacts).Indexes().DropOne(deadline(t), "by_id"))
		e, err := s.StartExport(deadline(t), grapevine.Position{})
		require.NoError(t, err)
		require.Len(t, exportAll(t, s, grapevine.Query{Workspace: ws}, &e, func() {}), 250)
	})
	t.Run("an id of another form", func(t *testing.T) {
		_, err := s.ExportPage(deadline(t), grapevine.Query{Workspace: ws}, &grapevine.Export{After: "x"})
		require.Error(t, err)
	})
}

// A filter that leaves few of many is as good as any: no read looks at many contacts.
func TestExportWithAFilter(t *testing.T) {
	s, _ := prepared(t)
	s.ExportWindow(7)
	var want []string
	for n := range 60 {
		c := ada()
		c.Owner = ""
		if n%20 == 3 || n >= 40 && n < 43 || n == 59 {
			c.Owner = "eve"
		}
		if created := create(t, s, c); c.Owner != "" {
			want = append(want, created.ID)
		}
	}
	slices.Sort(want)
	pages := 0
	e, err := s.StartExport(deadline(t), grapevine.Position{})
	require.NoError(t, err)
	require.Equal(t, want, exportAll(t, s, grapevine.Query{Workspace: ws, Owner: "eve"}, &e, func() { pages++ }))
	require.Greater(t, pages, 8)
	e, err = s.StartExport(deadline(t), grapevine.Position{})
	require.NoError(t, err)
	require.Empty(t, exportAll(t, s, grapevine.Query{Workspace: ws, Owner: "nobody"}, &e, func() {}))
}
