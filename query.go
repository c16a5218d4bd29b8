package grapevine

import (
	"net/url"
	"strconv"
	"strings"
)

// Sort is the order of a list. Contacts that are equal in it are ordered by id, in the same direction.
type Sort string

// The orders. ByName sorts by lastName or name, then by firstName, and ignores case.
const (
	ByName        Sort = "name"
	ByNameDesc    Sort = "-name"
	ByCreated     Sort = "createdAt"
	ByCreatedDesc Sort = "-createdAt"
	ByUpdated     Sort = "updatedAt"
	ByUpdatedDesc Sort = "-updatedAt"
	ByCompany     Sort = "company"
	ByCompanyDesc Sort = "-company"
)

// MaxImport is the largest number of contacts that are created together.
const MaxImport = 5000

// Bounds of a [Query].
const (
	DefaultLimit    = 50
	MaxLimit        = 200
	MaxFilterLength = 200 // characters of each filter and of q
)

// Field is the sort field without its direction.
func (s Sort) Field() string { return strings.TrimPrefix(string(s), "-") }

// Descending reports whether the largest value comes first.
func (s Sort) Descending() bool { return strings.HasPrefix(string(s), "-") }

// Query asks for one page of a list, or of a search if Text is set. The API has checked the fields. An empty
// filter matches every contact. [QueryFilters] lists the filters.
type Query struct {
	Workspace string
	Text      string // $text search, best match first; Sort is ignored
	Sort      Sort   // empty means ByName
	Company   string
	Tag       string
	Kind      Kind
	Owner     string
	Prefix    string // start of lastName, firstName or name; case is ignored
	Limit     int    // at most MaxLimit; zero means DefaultLimit
	After     string // cursor of the previous page, which must have the same sort and filters
	Expand    bool   // fill ListItem.Organization
	Whole     bool   // no contact is shortened; for exports
}

// Key is the query as text, without the workspace. Equal queries have equal keys.
func (q Query) Key() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Text)
	set("sort", string(q.Sort))
	set("after", q.After)
	for _, f := range QueryFilters {
		set(f.Name, *f.Value(&q))
	}
	v.Set("limit", strconv.Itoa(q.Limit))
	if q.Whole {
		v.Set("whole", "true")
	}
	if q.Expand {
		v.Set("expand", "organization")
	}
	return v.Encode()
}

// Filter is one filter of a list of contacts.
type Filter struct {
	Name  string   // of the API's parameter
	Enum  []string // the only values; empty means any text of at most MaxFilterLength characters
	Value func(*Query) *string
}

// QueryFilters is the one list of the filters. [Query.Key] and the API's parameters for lists, searches and
// exports follow it. The store knows how MongoDB finds each one. Nobody alters the list.
var QueryFilters = []Filter{
	{Name: "company", Value: func(q *Query) *string { return &q.Company }},
	{Name: "tag", Value: func(q *Query) *string { return &q.Tag }},
	{
		Name: "kind", Value: func(q *Query) *string { return (*string)(&q.Kind) },
		Enum: []string{string(Person), string(Organization)},
	},
	{Name: "owner", Value: func(q *Query) *string { return &q.Owner }},
	{Name: "prefix", Value: func(q *Query) *string { return &q.Prefix }},
}

// FilterNames returns the names of all filters.
func FilterNames() []string {
	names := make([]string, len(QueryFilters))
	for i, f := range QueryFilters {
		names[i] = f.Name
	}
	return names
}
