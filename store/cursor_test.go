package store_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/store"
)

func TestACursorBelongsToItsList(t *testing.T) {
	s, _ := prepared(t)
	for _, name := range []string{"Alpha", "Beta", "Gamma"} {
		create(t, s, organization(name))
	}
	q := grapevine.Query{Workspace: ws, Limit: 1, Kind: grapevine.Organization}
	page, err := s.List(deadline(t), q, grapevine.Position{})
	require.NoError(t, err)
	require.NotNil(t, page.Next)
	cursor := *page.Next

	for name, change := range map[string]func(*grapevine.Query){
		"same":                    func(*grapevine.Query) {},
		"default sort":            func(q *grapevine.Query) { q.Sort = grapevine.ByName },
		"another limit, expanded": func(q *grapevine.Query) { q.Limit, q.Expand = 3, true },
	} {
		next := q
		next.After = cursor
		change(&next)
		page, err := s.List(deadline(t), next, grapevine.Position{})
		require.NoError(t, err, name)
		require.Equal(t, "Beta", page.Items[0].Name, name)
	}
	for name, change := range map[string]func(*grapevine.Query){
		"another sort":      func(q *grapevine.Query) { q.Sort = grapevine.ByNameDesc },
		"another filter":    func(q *grapevine.Query) { q.Kind = "" },
		"another workspace": func(q *grapevine.Query) { q.Workspace = "other" },
		"a search":          func(q *grapevine.Query) { q.Words = "beta" },
		"a text search":     func(q *grapevine.Query) { q.Text = "beta" },
		"altered":           func(q *grapevine.Query) { q.After = string(q.After[0]^1) + q.After[1:] },
		"shorter":           func(q *grapevine.Query) { q.After = q.After[:len(q.After)-4] },
		"longer":            func(q *grapevine.Query) { q.After += "AAAA" },
		"not base64":        func(q *grapevine.Query) { q.After = "!" },
		"padded":            func(q *grapevine.Query) { q.After += "=" },
	} {
		next := q
		next.After = cursor
		change(&next)
		_, err := s.List(deadline(t), next, grapevine.Position{})
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), name)
		require.ErrorContains(t, err, "after", name)
	}
}

func TestAnUnknownSortIsABadRequest(t *testing.T) {
	s, _ := prepared(t)
	for _, sort := range []grapevine.Sort{"email", "--name", "$where"} {
		_, err := s.List(deadline(t), grapevine.Query{Workspace: ws, Sort: sort}, grapevine.Position{})
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), sort)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("", "", "")
	f.Add(base64.RawURLEncoding.EncodeToString(make([]byte, 40)), "name", "a")
	f.Add("AAAA", "-createdAt", "")
	f.Fuzz(func(t *testing.T, after, sort, owner string) {
		err := store.CheckCursor(grapevine.Query{Workspace: ws, After: after, Sort: grapevine.Sort(sort), Owner: owner})
		require.Equal(t, grapevine.BadRequest, grapevine.ErrorCode(err), "a cursor cannot be guessed")
	})
}
