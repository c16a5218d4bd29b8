package grapevine

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Sort is an order of a list; ties are broken by id in the same direction.
type Sort string

// The orders. ByName is by lastName or name, then firstName, any case.
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
	MaxFilterLength = 200 // characters of company, tag, owner, prefix and q each
)

// Field is the field without its direction; Descending says the direction.
func (s Sort) Field() string    { return strings.TrimPrefix(string(s), "-") }
func (s Sort) Descending() bool { return strings.HasPrefix(string(s), "-") }

// Query is one page of a list, or of a search when Text is set. Its fields are already checked by
// whoever made it; an empty filter means "any".
type Query struct {
	Workspace string
	Text      string // $text search, best first; Sort is then ignored
	Sort      Sort   // empty means ByName
	Company   string
	Tag       string
	Kind      Kind
	Owner     string
	Prefix    string // start of lastName, firstName or name, any case
	Limit     int    // 1..MaxLimit
	After     string // the cursor of the page before; belongs to its sort and filters
	Expand    bool   // populate Organization
}

// Key is the normalised query as text: equal queries have equal keys. It leaves the workspace out.
func (q Query) Key() string {
	v := url.Values{}
	for name, value := range map[string]string{
		"q": q.Text, "sort": string(q.Sort), "company": q.Company, "tag": q.Tag, "kind": string(q.Kind),
		"owner": q.Owner, "prefix": q.Prefix, "after": q.After,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	v.Set("limit", strconv.Itoa(q.Limit))
	if q.Expand {
		v.Set("expand", "organization")
	}
	return v.Encode()
}

// Item is one contact of a page.
type Item struct {
	Contact
	Score        float64   `json:"score,omitempty"`        // text score, of a search
	Organization *Expanded `json:"organization,omitempty"` // set when asked for and OrganizationID is
}

// Expanded is a populated reference: null in JSON where the organization does not exist.
type Expanded struct{ *Contact }

// MarshalJSON writes the contact, or null for a dangling reference.
func (e Expanded) MarshalJSON() ([]byte, error) { return json.Marshal(e.Contact) }

// Page is one page of a list: Next is the cursor of the next one, nil on the last.
type Page struct {
	Items []Item  `json:"items"`
	Next  *string `json:"next"`
}

// Stat names an aggregation, and the JSON field of its groups.
type Stat string

// The aggregations.
const (
	PerCompany Stat = "company"
	PerTag     Stat = "tag"
	PerMonth   Stat = "month" // 2026-11, UTC, by createdAt
)

// Count is one group of an aggregation.
type Count struct {
	Value string
	Count int64
}
