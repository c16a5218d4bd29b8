package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// importPeople imports n people with three companies and sets of tags, and returns the headers to read them.
func (h *harness) importPeople(t *testing.T, n int) header {
	t.Helper()
	var file strings.Builder
	file.WriteString("firstName,lastName,company,tags,owner\n")
	for i := range n {
		fmt.Fprintf(&file, "P%03d,L%03d,Company %d,%s,o%d\n", i, i, i%3, []string{"red", "red;green", ""}[i%3], i%2)
	}
	a := h.do("POST", "/contacts/import", header{"Content-Type": "text/csv"}, file.String())
	require.Equal(t, 200, a.status, a.body)
	require.EqualValues(t, n, a.json(t)["created"])
	return header{"Min-Position": a.header.Get("Position")}
}

func (a *answer) names(t *testing.T) (names []string) {
	t.Helper()
	for _, item := range a.json(t)["items"].([]any) {
		names = append(names, item.(map[string]any)["fullName"].(string))
	}
	return names
}

func TestListPages(t *testing.T) {
	h := newHarness(t)
	atLeast := h.importPeople(t, 25)
	for _, sort := range []string{"name", "-name", "createdAt", "-updatedAt", "company"} {
		var all []string
		path := "/contacts?limit=10&sort=" + sort
		for next := path; ; {
			a := h.get(next, atLeast)
			require.Equal(t, 200, a.status, a.body)
			all = append(all, a.names(t)...)
			cursor, more := a.json(t)["next"].(string)
			if !more {
				break
			}
			next = path + "&after=" + url.QueryEscape(cursor)
		}
		require.Len(t, all, 25, sort)
		seen := map[string]bool{}
		for _, name := range all {
			require.False(t, seen[name], "%s twice", name)
			seen[name] = true
		}
	}
	first := h.get("/contacts?limit=10", atLeast)
	require.Equal(t, "P000 L000", first.names(t)[0])
	cursor := url.QueryEscape(first.json(t)["next"].(string))
	for _, other := range []string{"sort=-name", "company=x", "tag=red"} {
		require.Equal(t, 400, h.get("/contacts?limit=10&"+other+"&after="+cursor, atLeast).status, "a cursor belongs to its sort and filters")
	}
}

func TestFilters(t *testing.T) {
	h := newHarness(t)
	atLeast := h.importPeople(t, 30)
	for query, want := range map[string]int{
		"company=Company%201": 10, "tag=red": 20, "tag=green": 10, "kind=person": 30, "kind=organization": 0, "owner=o1": 15,
		"q=p00": 10, "q=L02": 10, "tag=red&tag=green": 10, "without=phone": 30, "without=phone&without=email": 30, "createdAfter=2020-01-01": 30, "updatedBefore=2020-01-01": 0, "company=Company%200&owner=o0": 5, "company=nobody": 0,
	} {
		require.Len(t, h.get("/contacts?limit=200&"+query, atLeast).json(t)["items"], want, query)
	}
}

// A search by starts of words, through the cache.
func TestSearchByStarts(t *testing.T) {
	h := newHarness(t)
	h.create(`{"firstName":"Zoë","lastName":"Müller","phones":[{"value":"+49 (0)30 123456"}],"tags":["vip"]}`)
	a := h.create(`{"firstName":"Max","lastName":"Zoeller","email":"max@muller.example"}`)
	atLeast := header{"Min-Position": a.header.Get("Position")}
	for q, want := range map[string][]string{
		"muller": {"Zoë Müller", "Max Zoeller"}, "zo%20MU": {"Zoë Müller", "Max Zoeller"}, "zoe": {"Zoë Müller", "Max Zoeller"}, "030%201234": {"Zoë Müller"}, "56": nil, "456": {"Zoë Müller"},
		"muller&tag=vip": {"Zoë Müller"}, "muller.example": {"Max Zoeller"},
	} {
		for range 2 {
			require.Equal(t, want, h.get("/contacts?q="+q, atLeast).names(t), q)
		}
	}
	first := h.get("/contacts?q=muller&limit=1", atLeast)
	require.NotContains(t, first.json(t), "partial")
	second := h.get("/contacts?q=muller&limit=1&after="+url.QueryEscape(first.json(t)["next"].(string)), atLeast)
	require.Equal(t, []string{"Max Zoeller"}, second.names(t))
	for _, q := range []string{"%21%3F", "%20", "%F0%9F%98%80"} {
		a := h.get("/contacts?q="+q, nil)
		require.Equal(t, 400, a.status, q)
		require.Contains(t, a.body, "no letter and no digit", q)
	}
}

func TestExpand(t *testing.T) {
	h := newHarness(t)
	org := h.create(`{"kind":"organization","name":"Engines"}`)
	id := org.json(t)["id"].(string)
	a := h.create(`{"firstName":"Ada","organizationId":"` + id + `"}`)
	items := h.get("/contacts?kind=person&expand=organization", header{"Min-Position": a.header.Get("Position")}).json(t)["items"].([]any)
	require.Equal(t, "Engines", items[0].(map[string]any)["organization"].(map[string]any)["name"])

	gone := h.do("DELETE", "/contacts/"+id, nil, "")
	items = h.get("/contacts?kind=person&expand=organization", header{"Min-Position": gone.header.Get("Position")}).json(t)["items"].([]any)
	require.Contains(t, items[0], "organization")
	require.Nil(t, items[0].(map[string]any)["organization"], "dangling is null")
	items = h.get("/contacts?kind=person", nil).json(t)["items"].([]any)
	require.NotContains(t, items[0], "organization")
}

func TestSearch(t *testing.T) {
	h := newHarness(t)
	h.create(`{"firstName":"Grace","lastName":"Hopper","notes":"compilers and more compilers"}`)
	a := h.create(`{"firstName":"Compilers","lastName":"Fan"}`)
	atLeast := header{"Min-Position": a.header.Get("Position")}
	found := h.get("/contacts/search?q=compilers", atLeast)
	require.Equal(t, []string{"Compilers Fan", "Grace Hopper"}, found.names(t), "a match in a name counts more")
	for _, item := range found.json(t)["items"].([]any) {
		require.Positive(t, item.(map[string]any)["score"])
	}
	require.Empty(t, h.get("/contacts/search?q=compilers&kind=organization", atLeast).names(t))
	first := h.get("/contacts/search?q=compilers&limit=1", atLeast)
	second := h.get("/contacts/search?q=compilers&limit=1&after="+url.QueryEscape(first.json(t)["next"].(string)), atLeast)
	require.Equal(t, []string{"Grace Hopper"}, second.names(t))
	require.Nil(t, second.json(t)["next"])
}

func TestStats(t *testing.T) {
	h := newHarness(t)
	require.JSONEq(t, `{"items":[]}`, h.get("/contacts/stats/companies", nil).body)
	atLeast := h.importPeople(t, 31)
	require.JSONEq(t, `{"items":[{"company":"Company 0","count":11},{"company":"Company 1","count":10},{"company":"Company 2","count":10}]}`,
		h.get("/contacts/stats/companies", atLeast).body)
	require.JSONEq(t, `{"items":[{"tag":"red","count":21},{"tag":"green","count":10}]}`, h.get("/contacts/stats/tags", atLeast).body)
	require.Regexp(t, `^\{"items":\[\{"count":31,"month":"20\d\d-\d\d"\}\]\}$`, h.get("/contacts/stats/months", atLeast).body)
	require.JSONEq(t, `{"items":[]}`, h.get("/contacts/stats/tags", header{"Workspace": "other"}).body)
}
