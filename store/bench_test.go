package store_test

import (
	"context"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

var benchContacts = flag.Int("contacts", 20_000, "contacts the list benchmark seeds")

// BenchmarkList gives the figures in docs/decisions/0028-lists-and-search.md:
//
//	go test -run none -bench List -benchtime 20x ./store/ -contacts 1000000
func BenchmarkList(b *testing.B) {
	s, _ := prepared(b)
	fill(b, s, *benchContacts)
	companies, err := s.Stats(context.Background(), ws, grapevine.PerCompany, grapevine.Position{})
	require.NoError(b, err)
	for _, list := range []struct {
		name string
		q    grapevine.Query
	}{
		{"sort=name", grapevine.Query{}},
		{"sort=-name", grapevine.Query{Sort: grapevine.ByNameDesc}},
		{"sort=-createdAt", grapevine.Query{Sort: grapevine.ByCreatedDesc}},
		{"sort=updatedAt", grapevine.Query{Sort: grapevine.ByUpdated}},
		{"sort=company", grapevine.Query{Sort: grapevine.ByCompany}},
		{"tag", grapevine.Query{Tags: []string{"vip"}}},
		{"tag=absent", grapevine.Query{Tags: []string{"nobody has it"}}},
		{"company=largest", grapevine.Query{Company: companies[0].Value}},
		{"company=smallest", grapevine.Query{Company: companies[len(companies)-1].Value}},
		{"kind=organization", grapevine.Query{Kind: grapevine.Organization}},
		{"company=largest sort=company", grapevine.Query{Company: companies[0].Value, Sort: grapevine.ByCompany}},
		{"kind=organization sort=-company", grapevine.Query{Kind: grapevine.Organization, Sort: grapevine.ByCompanyDesc}},
		{"q=m", grapevine.Query{Words: "m"}},
		{"q=smi", grapevine.Query{Words: "smi"}},
		{"text=smith", grapevine.Query{Text: "smith"}},
		{"text=morning", grapevine.Query{Text: "morning"}},
	} {
		b.Run(list.name, func(b *testing.B) {
			list.q.Workspace, list.q.Limit = ws, 50
			for b.Loop() {
				_, err := s.List(context.Background(), list.q, grapevine.Position{})
				require.NoError(b, err)
			}
		})
	}
	for _, stat := range []grapevine.Stat{grapevine.PerCompany, grapevine.PerTag, grapevine.PerMonth} {
		b.Run("stats="+string(stat), func(b *testing.B) {
			for b.Loop() {
				_, err := s.Stats(context.Background(), ws, stat, grapevine.Position{})
				require.NoError(b, err)
			}
		})
	}
}
