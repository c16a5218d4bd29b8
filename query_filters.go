package grapevine

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
