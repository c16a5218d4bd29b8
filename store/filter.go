package store

import (
	"math"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/derived"
)

// filters are what a query asks of the derived part of a contact.
type filters struct {
	facets  []string // likely the rarest one first
	created span
	updated span
}

// span is a range of times in milliseconds: from first to before end.
type span struct{ first, end int64 }

var always = span{math.MinInt64, math.MaxInt64}

func filtersOf(q grapevine.Query) filters {
	f := filters{created: spanOf(q.CreatedAfter, q.CreatedBefore), updated: spanOf(q.UpdatedAfter, q.UpdatedBefore)}
	add := func(value string, facet func(string) string) {
		if value != "" {
			f.facets = append(f.facets, facet(value))
		}
	}
	add(q.OrganizationID, derived.OrganizationFacet)
	add(q.Owner, derived.OwnerFacet)
	add(q.Company, derived.CompanyFacet)
	for _, tag := range q.Tags {
		add(tag, derived.TagFacet)
	}
	for _, what := range q.Without {
		f.facets = append(f.facets, map[string]string{grapevine.WithoutEmail: derived.NoEmailFacet, grapevine.WithoutPhone: derived.NoPhoneFacet}[what])
	}
	add(string(q.Kind), func(kind string) string { return derived.KindFacet(grapevine.Kind(kind)) })
	return f
}

// spanOf are the milliseconds between two times, both left out. A zero time is no bound.
func spanOf(after, before time.Time) span {
	s := always
	if !after.IsZero() {
		s.first = after.UnixMilli() + 1
	}
	if !before.IsZero() {
		s.end = before.UnixMilli()
		if before.After(time.UnixMilli(s.end)) {
			s.end++ // the millisecond that has begun
		}
	}
	return s
}

func (s span) isAlways() bool { return s == always }

func (f filters) none() bool {
	return len(f.facets) == 0 && f.created.isAlways() && f.updated.isAlways()
}

// without leaves out a facet that an index selects.
func (f filters) without(facet string) filters {
	rest := f
	rest.facets = nil
	for _, other := range f.facets {
		if other != facet {
			rest.facets = append(rest.facets, other)
		}
	}
	return rest
}

// checks are conditions for the filters. The one for facets is an expression, for which MongoDB uses no index: with two conditions on
// one array it might follow the wrong one in spite of a hint.
func (f filters) checks() (d bson.D) {
	if len(f.facets) > 0 {
		found := bson.D{{Key: "$cond", Value: bson.A{bson.D{{Key: "$isArray", Value: "$" + formFacets}}, "$" + formFacets, bson.A{}}}}
		d = append(d, bson.E{Key: "$expr", Value: bson.D{{Key: "$setIsSubset", Value: bson.A{bson.D{{Key: "$literal", Value: f.facets}}, found}}}})
	}
	for _, part := range f.times() {
		d = append(d, part.where...)
	}
	return d
}

// times are the ranges of times that the filters ask for.
func (f filters) times() (ranges []indexRange) {
	add := func(index, field string, s span) {
		if !s.isAlways() {
			ranges = append(ranges, indexRange{index: index, where: bson.D{{Key: field, Value: bson.D{{Key: "$gte", Value: s.first}, {Key: "$lt", Value: s.end}}}}})
		}
	}
	add(byFormCreated, formCreated, f.created)
	add(byFormUpdated, formUpdated, f.updated)
	return ranges
}

// checkText refuses what cannot be part of a condition or a search.
func checkText(q grapevine.Query) error {
	check := func(name, value string) error {
		if strings.ContainsRune(value, 0) || strings.ToValidUTF8(value, "") != value {
			return &grapevine.Error{Code: grapevine.BadRequest, Message: name + " must be valid UTF-8 without NUL"}
		}
		return nil
	}
	for _, f := range grapevine.QueryFilters {
		for _, value := range f.Values(&q) {
			if err := check(f.Name, value); err != nil {
				return err
			}
		}
	}
	if err := check("q", q.Words); err != nil {
		return err
	}
	return check("q", q.Text)
}
