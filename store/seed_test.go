package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/store"
)

func TestSampleIsFixedAndFitForTheAPI(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	first := slices.Collect(store.Sample(ws, 7, 2000, now))
	require.Equal(t, first[:100], slices.Collect(store.Sample(ws, 7, 100, now)), "the same whatever n")
	require.NotEqual(t, first[0].Name, slices.Collect(store.Sample(ws, 8, 1, now))[0].Name)
	organizations := map[string]string{}
	companies := map[string]int{}
	for _, c := range first {
		c.Tags = append([]string{}, c.Tags...)
		require.NoError(t, c.Validate(), "%+v", c)
		require.WithinRange(t, c.CreatedAt.Time, now.AddDate(0, -25, 0), now)
		host := c.Email[strings.LastIndex(c.Email, "@")+1:]
		require.Regexp(t, `(^|\.)example\.(com|org|net)$`, host, "no mail may arrive anywhere")
		if c.Kind == grapevine.Organization {
			organizations[c.ID] = c.Name
			continue
		}
		companies[c.Company]++
		require.Equal(t, organizations[c.OrganizationID], c.Company, "its organization comes before it")
	}
	largest := 0
	for _, n := range companies {
		largest = max(largest, n)
	}
	require.Greater(t, largest, 5*2000/len(companies), "a few have most people")
}

func TestSeedMayBeStoppedAndRunAgain(t *testing.T) {
	s, db := prepared(t)
	var told []int
	require.NoError(t, s.Seed(deadline(t), ws, 1200, 1, func(done int) { told = append(told, done) }))
	require.Equal(t, []int{1000, 1200}, told)
	require.NoError(t, s.Seed(deadline(t), ws, 1500, 1, nil))
	require.NoError(t, s.Seed(deadline(t), "other", 10, 1, nil), "another workspace has its own")
	n, err := db.Collection(store.Collection).CountDocuments(deadline(t), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 1510, n)
	months, err := s.Stats(deadline(t), ws, grapevine.PerMonth, grapevine.Position{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(months), 23)
	items := pages(t, s, grapevine.Query{Workspace: ws, Limit: 200, Expand: true})
	require.Len(t, items, 1500)
	for _, item := range items {
		if item.Kind == grapevine.Person {
			require.Equal(t, item.Company, item.Organization.Name)
		}
	}
}
