package seed_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/seed"
	"grapevine/store"
)

func TestMain(m *testing.M) { realtest.Main(m) }

const ws = grapevine.DefaultWorkspace

func TestSamplesAreReproducibleAndValid(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	samples := func(from uint64, n int) []grapevine.Contact {
		return slices.Collect(seed.Samples{Workspace: ws, Seed: from, Count: n}.Contacts(now))
	}
	first := samples(7, 2000)
	require.Equal(t, first[:100], samples(7, 100), "the first contacts do not depend on the count")
	require.NotEqual(t, first[0].Name, samples(8, 1)[0].Name)
	organizations := map[string]string{}
	companies := map[string]int{}
	for _, c := range first {
		c.Tags = append([]string{}, c.Tags...)
		require.NoError(t, c.Validate(), "%+v", c)
		require.WithinRange(t, c.CreatedAt.Time, now.AddDate(0, -25, 0), now)
		require.NotEmpty(t, c.Emails)
		host := c.Emails[0].Value[strings.LastIndex(c.Emails[0].Value, "@")+1:]
		require.Regexp(t, `(^|\.)example\.(com|org|net)$`, host, "no mail may arrive anywhere")
		if c.Kind == grapevine.Organization {
			organizations[c.ID] = c.Name
			continue
		}
		companies[c.Company]++
		require.Equal(t, organizations[c.OrganizationID], c.Company, "an organization comes before its people")
	}
	largest := 0
	for _, n := range companies {
		largest = max(largest, n)
	}
	require.Greater(t, largest, 5*2000/len(companies), "a few organizations have most people")
}

func TestFillCanBeStoppedAndRunAgain(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	db := realtest.New(t).DB(t)
	s := store.New(db, store.Config{})
	require.NoError(t, s.Prepare(ctx))
	var progress []int
	fill := func(workspace string, n int) {
		require.NoError(t, seed.Fill(ctx, s, seed.Samples{Workspace: workspace, Seed: 1, Count: n}, func(done int) { progress = append(progress, done) }))
	}
	fill(ws, 1200)
	require.Equal(t, []int{1000, 1200}, progress)
	fill(ws, 1500)
	fill("other", 10) // has its own contacts
	n, err := db.Collection(grapevine.CollectionContacts).CountDocuments(ctx, bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 1510, n)
	months, err := s.Stats(ctx, ws, grapevine.PerMonth, grapevine.Position{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(months), 23)
	items := 0
	for q := (grapevine.Query{Workspace: ws, Limit: grapevine.MaxLimit, Expand: true}); ; {
		page, err := s.List(ctx, q, grapevine.Position{})
		require.NoError(t, err)
		for _, item := range page.Items {
			if item.Kind == grapevine.Person {
				require.Equal(t, item.Company, item.Organization.Name)
			}
		}
		if items += len(page.Items); page.Next == nil {
			break
		}
		q.After = *page.Next
	}
	require.Equal(t, 1500, items)
}
