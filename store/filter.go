package store

import (
	"context"
	"regexp"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// gatherAtMost is how many contacts a filter may leave for them to be fetched and sorted. Where it
// leaves more, it lets through one in (all / gatherAtMost) or more, and walking along the order meets a
// page of them soon. Tried on 1,000,000 contacts: docs/decisions/0003-list-order.md.
const gatherAtMost = 2000

// A walk does not meet them soon where filter and order go together: those of one company last by
// company, say. So it is given a while, and then more are gathered.
const (
	walkFor      = 500 * time.Millisecond
	gatherRather = 100_000
)

// conditions are the query's filters as they are checked on a document. Company, tag and owner match
// exactly. They are patterns because those do not follow a collation, and an order in any case has
// one; what they hold is quoted and anchored, so nothing of it is syntax.
func conditions(q grapevine.Query) (d bson.D) {
	exact := func(field, value string) {
		if value != "" {
			d = append(d, bson.E{Key: field, Value: pattern("^"+regexp.QuoteMeta(value)+`\z`, "")})
		}
	}
	exact("company", q.Company)
	exact("tags", q.Tag)
	exact("owner", q.Owner)
	if q.Kind != "" {
		d = append(d, bson.E{Key: "kind", Value: string(q.Kind)})
	}
	if q.Prefix != "" {
		begins := pattern("^"+regexp.QuoteMeta(norm.NFC.String(q.Prefix)), "i")
		d = append(d, bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "lastName", Value: begins}},
			bson.D{{Key: "firstName", Value: begins}},
			bson.D{{Key: "name", Value: begins}},
		}})
	}
	return d
}

func pattern(p, flags string) bson.D {
	return bson.D{{Key: "$regex", Value: p}, {Key: "$options", Value: flags}}
}

// checkText refuses what cannot be part of a pattern or a search.
func checkText(q grapevine.Query) error {
	texts := map[string]string{"q": q.Text}
	for _, f := range grapevine.QueryFilters {
		texts[f.Name] = *f.Value(&q)
	}
	for name, value := range texts {
		if strings.ContainsRune(value, 0) || strings.ToValidUTF8(value, "") != value {
			return &grapevine.Error{Code: grapevine.BadRequest, Message: name + " must be valid UTF-8 without NUL"}
		}
	}
	return nil
}

// lookup finds by index which contacts a filter leaves.
type lookup struct {
	index  string
	filter bson.D
	any    bool // under the collation anyCase
}

// lookups are the query's filters, the one that likely leaves fewest first. A contact matches a
// filter if one of its lookups has it.
func lookups(q grapevine.Query) (filters [][]lookup) {
	equal := func(index, field, value string) {
		if value != "" {
			filters = append(filters, []lookup{{index: index, filter: bson.D{{Key: "workspace", Value: q.Workspace}, {Key: field, Value: value}}}})
		}
	}
	equal(withTag, "tags", q.Tag)
	equal(inCompany, "company", q.Company)
	equal(ofOwner, "owner", q.Owner)
	if q.Prefix != "" {
		prefix := norm.NFC.String(q.Prefix)
		begins := func(index, field string) lookup {
			// U+FFFF has the highest weight there is. The range also has what differs in accents only;
			// conditions leaves that out.
			between := bson.D{{Key: "$gte", Value: prefix}, {Key: "$lt", Value: prefix + "\uffff"}}
			return lookup{index: index, any: true, filter: bson.D{{Key: "workspace", Value: q.Workspace}, {Key: field, Value: between}}}
		}
		filters = append(filters, []lookup{begins(byName, "lastName"), begins(startOfFirst, "firstName"), begins(startOfName, "name")})
	}
	equal(ofKind, "kind", string(q.Kind))
	return filters
}

// few are the ids of the contacts that one of the query's filters leaves, if they are few enough.
func (s *Store) few(ctx context.Context, at *bson.Timestamp, q grapevine.Query, most int) (ids bson.A, ok bool, err error) {
	if most < 0 {
		return nil, false, nil
	}
	for _, filter := range lookups(q) {
		if ids, ok, err = s.matches(ctx, at, filter, most); ok || err != nil {
			return ids, ok, err
		}
	}
	return nil, false, nil
}

func (l lookup) options(most int) []bson.E {
	options := []bson.E{
		{Key: "projection", Value: bson.D{{Key: "_id", Value: 1}}},
		{Key: "hint", Value: l.index},
		{Key: "limit", Value: most + 1},
		{Key: "batchSize", Value: most + 1},
	}
	if l.any {
		options = append(options, bson.E{Key: "collation", Value: anyCase()})
	}
	return options
}

func (s *Store) matches(ctx context.Context, at *bson.Timestamp, filter []lookup, most int) (ids bson.A, ok bool, err error) {
	ids = bson.A{}
	seen := map[string]bool{}
	for _, l := range filter {
		docs, err := s.find(ctx, at, l.filter, l.options(most)...)
		if err != nil {
			return nil, false, err
		}
		for _, doc := range docs {
			id := doc.Lookup("_id")
			if !seen[string(id.Value)] {
				seen[string(id.Value)] = true
				ids = append(ids, id)
			}
		}
		if len(ids) > most {
			return nil, false, nil
		}
	}
	return ids, true, nil
}
