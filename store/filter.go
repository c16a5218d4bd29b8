package store

import (
	"context"
	"regexp"
	"slices"
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
// exactly, whatever their Unicode form. They are patterns because those do not follow a collation, and an order in any case has
// one; what they hold is quoted and anchored, so nothing of it is syntax.
func conditions(q grapevine.Query) (d bson.D) {
	exact := func(field, value string) {
		if value != "" {
			d = append(d, bson.E{Key: field, Value: pattern("^(?:"+alternatives(value)+`)\z`, "", field != "tags")})
		}
	}
	exact("company", q.Company)
	exact("tags", q.Tag)
	exact("owner", q.Owner)
	if q.Kind != "" {
		d = append(d, bson.E{Key: "kind", Value: bson.D{{Key: "$eq", Value: string(q.Kind)}, {Key: "$not", Value: isList()}}})
	}
	if q.Prefix != "" {
		begins := pattern("^(?:"+alternatives(q.Prefix)+")", "i", true)
		d = append(d, bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "lastName", Value: begins}},
			bson.D{{Key: "firstName", Value: begins}},
			bson.D{{Key: "name", Value: begins}},
		}})
	}
	return d
}

// pattern matches texts. In place of a text, a list counts as absent, as it does in [Decode].
func pattern(p, flags string, oneText bool) bson.D {
	d := bson.D{{Key: "$regex", Value: p}, {Key: "$options", Value: flags}}
	if oneText {
		d = append(d, bson.E{Key: "$not", Value: isList()})
	}
	return d
}

// forms are the ways in which a text may be stored: the API stores NFC, and a direct edit perhaps NFD.
func forms(text string) []string {
	all := []string{norm.NFC.String(text), norm.NFD.String(text), text}
	slices.Sort(all)
	return slices.Compact(all)
}

func alternatives(text string) string {
	all := forms(text)
	for i := range all {
		all[i] = regexp.QuoteMeta(all[i])
	}
	return strings.Join(all, "|")
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
			filters = append(filters, []lookup{{index: index, filter: bson.D{{Key: "workspace", Value: q.Workspace}, {Key: field, Value: bson.D{{Key: "$in", Value: forms(value)}}}}}})
		}
	}
	equal(withTag, "tags", q.Tag)
	equal(inCompany, "company", q.Company)
	equal(ofOwner, "owner", q.Owner)
	if q.Prefix != "" {
		begins := func(index, field string) lookup {
			// U+FFFF has the highest weight there is, and the forms of a text are equal in a collation. The range also has
			// texts that differ in accents only; conditions leaves them out.
			prefix := norm.NFC.String(q.Prefix)
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
