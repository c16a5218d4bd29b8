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

// Whatever the filters are, and however little they let through, a request looks at a limited number of contacts.
func TestTheWorkOfAPageIsBounded(t *testing.T) {
	s, db := prepared(t)
	const contacts = 6000
	fill(t, s, contacts)
	s.GatherAtMost(50)
	s.WorkFor(0, 200)
	companies, err := s.Stats(deadline(t), ws, grapevine.PerCompany, grapevine.Position{})
	require.NoError(t, err)
	for name, q := range map[string]grapevine.Query{
		"company by company":       {Company: companies[0].Value, Sort: grapevine.ByCompany},
		"organizations by company": {Kind: grapevine.Organization, Sort: grapevine.ByCompanyDesc},
		"without phone by company": {Without: []string{grapevine.WithoutPhone}, Sort: grapevine.ByCompany},
		"two facets":               {Kind: grapevine.Person, Company: companies[0].Value, Sort: grapevine.ByNameDesc},
		"times by name":            {CreatedAfter: beginning, UpdatedAfter: beginning, Sort: grapevine.ByName},
		"nothing":                  {Kind: grapevine.Organization, Tags: []string{"vip"}, Company: companies[0].Value},
		"one letter":               {Words: "a"},
		"one letter and a filter":  {Words: "a", Kind: grapevine.Organization},
		"frequent words":           {Words: "example a"},
		"never together":           {Words: "hello mail"},
	} {
		t.Run(name, func(t *testing.T) {
			q.Workspace, q.Limit = ws, 10
			_, err := s.List(deadline(t), q, grapevine.Position{}) // counts are remembered
			require.NoError(t, err)
			for range 3 {
				keys, docs := examined(t, db, func() {
					page, err := s.List(deadline(t), q, grapevine.Position{})
					require.NoError(t, err)
					if page.Next != nil {
						q.After = *page.Next
					}
				})
				require.Less(t, docs, int64(700))
				require.Less(t, keys, int64(2500))
			}
		})
	}
}
