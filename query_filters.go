package grapevine

import (
	"slices"
	"strings"
	"time"
)

// Values of [Query.Without].
const (
	WithoutEmail = "email"
	WithoutPhone = "phone"
)

// Filter is one filter of a list of contacts.
type Filter struct {
	Name    string                            // of the API's parameter
	Enum    []string                          // the only values; empty means any
	Wants   string                            // what a value must be, for people
	Several bool                              // the parameter may be repeated; a contact must fit all values
	Set     func(q *Query, value string) bool // false if the value is not acceptable
	Values  func(q *Query) []string           // as they were set; none if the filter is not set
}

// QueryFilters is the one list of the filters. [Query.Key] and the API's parameters for lists, searches and
// exports follow it. The store knows how MongoDB finds each one. Nobody alters the list.
var QueryFilters = []Filter{
	textFilter("company", func(q *Query) *string { return &q.Company }),
	severalFilter("tag", nil, func(q *Query) *[]string { return &q.Tags }),
	enumFilter("kind", []string{string(Person), string(Organization)}, func(q *Query) *string { return (*string)(&q.Kind) }),
	textFilter("owner", func(q *Query) *string { return &q.Owner }),
	idFilter("organizationId", func(q *Query) *string { return &q.OrganizationID }),
	severalFilter("without", []string{WithoutEmail, WithoutPhone}, func(q *Query) *[]string { return &q.Without }),
	timeFilter("createdAfter", func(q *Query) *time.Time { return &q.CreatedAfter }),
	timeFilter("createdBefore", func(q *Query) *time.Time { return &q.CreatedBefore }),
	timeFilter("updatedAfter", func(q *Query) *time.Time { return &q.UpdatedAfter }),
	timeFilter("updatedBefore", func(q *Query) *time.Time { return &q.UpdatedBefore }),
}

// FilterNames returns the names of all filters.
func FilterNames() []string {
	names := make([]string, len(QueryFilters))
	for i, f := range QueryFilters {
		names[i] = f.Name
	}
	return names
}

func textFilter(name string, field func(*Query) *string) Filter {
	return Filter{
		Name: name,
		Set:  func(q *Query, value string) bool { *field(q) = value; return true },
		Values: func(q *Query) []string {
			if *field(q) == "" {
				return nil
			}
			return []string{*field(q)}
		},
	}
}

func enumFilter(name string, values []string, field func(*Query) *string) Filter {
	f := textFilter(name, field)
	f.Enum, f.Wants = values, strings.Join(values, " or ")
	f.Set = func(q *Query, value string) bool { *field(q) = value; return slices.Contains(values, value) }
	return f
}

func idFilter(name string, field func(*Query) *string) Filter {
	f := textFilter(name, field)
	f.Wants = "the id of a contact: 24 lower-case hex digits"
	f.Set = func(q *Query, value string) bool { *field(q) = value; return ValidID(value) }
	return f
}

func severalFilter(name string, enum []string, field func(*Query) *[]string) Filter {
	return Filter{
		Name: name, Enum: enum, Wants: strings.Join(enum, " or "), Several: true,
		Set: func(q *Query, value string) bool {
			*field(q) = append(*field(q), value)
			return enum == nil || slices.Contains(enum, value)
		},
		Values: func(q *Query) []string { return *field(q) },
	}
}

func timeFilter(name string, field func(*Query) *time.Time) Filter {
	return Filter{
		Name: name, Wants: "a time such as 2026-11-29T08:30:00Z, or a day such as 2026-11-29",
		Set: func(q *Query, value string) bool {
			t, ok := parseTime(value)
			*field(q) = t
			return ok
		},
		Values: func(q *Query) []string {
			if field(q).IsZero() {
				return nil
			}
			return []string{field(q).UTC().Format(time.RFC3339Nano)}
		},
	}
}

// parseTime reads a time, or a day, which begins at midnight in UTC. In a URL, a plus that nobody escaped is a blank.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, strings.ReplaceAll(s, " ", "+")); err == nil && !t.IsZero() && 0 <= t.UTC().Year() && t.UTC().Year() <= 9999 {
			return t, true
		}
	}
	return time.Time{}, false
}
