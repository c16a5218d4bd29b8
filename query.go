package grapevine

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sort is the order of a list. Contacts that are equal in it are ordered by id, in the same direction.
type Sort string

// The orders. ByName and ByCompany sort by folded texts, see package derived; contacts of one company are ordered by name.
// Contacts without a name, or without a company, come last in both directions.
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

// Bounds of a [Query].
const (
	DefaultLimit    = 50
	MaxLimit        = 200
	MaxFilterLength = 200 // characters of each filter and of q
	MaxFilterValues = 20  // of a filter that may be given several times
)

// Field is the sort field without its direction.
func (s Sort) Field() string { return strings.TrimPrefix(string(s), "-") }

// Descending reports whether the largest value comes first.
func (s Sort) Descending() bool { return strings.HasPrefix(string(s), "-") }

// Query asks for one page of a list, or of a search if Words or Text is set. The API has checked the fields. An empty
// filter matches every contact. [QueryFilters] lists the filters.
type Query struct {
	Workspace string
	Words     string // starts of words and phone numbers, best hit first; Sort is ignored
	Text      string // whole words of the $text search, best match first; Sort is ignored
	Sort      Sort   // empty means ByName

	Company        string
	Tags           []string // a contact has all of them
	Kind           Kind
	Owner          string
	OrganizationID string
	Without        []string // email, phone: a contact has none of them
	CreatedAfter   time.Time
	CreatedBefore  time.Time
	UpdatedAfter   time.Time
	UpdatedBefore  time.Time

	Limit  int    // at most MaxLimit; zero means DefaultLimit
	After  string // cursor of the previous page, which must have the same sort and filters
	Expand bool   // fill ListItem.Organization
}

// Key is the query as text, without the workspace. Equal queries have equal keys.
func (q Query) Key() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Words)
	set("text", q.Text)
	set("sort", string(q.Sort))
	set("after", q.After)
	for _, f := range QueryFilters {
		if values := f.Values(&q); len(values) > 0 {
			values = slices.Clone(values)
			slices.Sort(values)
			v[f.Name] = slices.Compact(values)
		}
	}
	v.Set("limit", strconv.Itoa(q.Limit))
	if q.Expand {
		v.Set("expand", "organization")
	}
	return v.Encode()
}
