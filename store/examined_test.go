package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// examined returns how many index keys and documents of the contacts MongoDB examines while do runs.
func examined(t *testing.T, db *mongo.Database, do func()) (keys, docs int64) {
	t.Helper()
	profile := func(level int) {
		require.NoError(t, db.RunCommand(deadline(t), bson.D{{Key: "profile", Value: level}}).Err())
	}
	profile(2)
	do()
	profile(0)
	cursor, err := db.Collection("system.profile").Find(deadline(t), bson.D{{Key: "ns", Value: db.Name() + "." + grapevine.CollectionContacts}})
	require.NoError(t, err)
	var commands []struct {
		Keys int64 `bson:"keysExamined"`
		Docs int64 `bson:"docsExamined"`
	}
	require.NoError(t, cursor.All(deadline(t), &commands))
	require.NotEmpty(t, commands)
	for _, c := range commands {
		keys, docs = keys+c.Keys, docs+c.Docs
	}
	require.NoError(t, db.Collection("system.profile").Drop(deadline(t)))
	return keys, docs
}

// If filter and order correlate, an ordered scan could examine every contact that the filter excludes. If only one index
// range has matches, it could scan the other to its end for every page.
func TestAnOrderedScanDoesNotExamineWhatTheFilterExcludes(t *testing.T) {
	s, db := prepared(t)
	const contacts, shown = 6000, 10
	fill(t, s, contacts)
	s.GatherAtMost(-1)
	companies, err := s.Stats(deadline(t), ws, grapevine.PerCompany, grapevine.Position{})
	require.NoError(t, err)
	largest := companies[0]
	require.Greater(t, int(largest.Count), 300)
	for name, q := range map[string]grapevine.Query{
		"company by company":       {Company: largest.Value, Sort: grapevine.ByCompany},
		"company by -company":      {Company: largest.Value, Sort: grapevine.ByCompanyDesc},
		"organizations by company": {Kind: grapevine.Organization, Sort: grapevine.ByCompanyDesc},
		"persons by company":       {Kind: grapevine.Person, Sort: grapevine.ByCompany},
		"persons by name":          {Kind: grapevine.Person, Sort: grapevine.ByName},
		"persons by -name":         {Kind: grapevine.Person, Sort: grapevine.ByNameDesc},
		"organizations by name":    {Kind: grapevine.Organization, Sort: grapevine.ByName},
	} {
		t.Run(name, func(t *testing.T) {
			q.Workspace, q.Limit = ws, shown
			for page := range 15 { // a later page must not start from the beginning
				_, docs := examined(t, db, func() {
					p, err := s.List(deadline(t), q, grapevine.Position{})
					require.NoError(t, err)
					require.Len(t, p.Items, shown)
					require.NotNil(t, p.Next)
					q.After = *p.Next
				})
				require.Less(t, docs, int64(10*shown), "page %d", page)
			}
		})
	}
}
