package store

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/derived"
)

// order is how a list is sorted: as segments, one after the other. Each is a range of an index, so that a page costs what it
// shows however long the list is. Together they hold every contact once. See docs/decisions/0028-lists-and-search.md.
type order struct {
	field      string // of the derived part, by which the list is sorted
	descending bool
	index      string
	facetIndex string // with a facet in front; empty: there is none
	segments   []segment
}

// segment is a part of a list in which an index has the order of the list.
type segment struct {
	fields    []string // by which it is sorted; the last one is _id, which makes it definite
	where     bson.D   // of all contacts in it
	low, high any      // bounds of the first field: from low to before high; nil: none
	unformed  bool     // the contacts without a derived part
}

// orderOf is the order of a query's sort, and what remains of the filters if all its segments are read.
func orderOf(q grapevine.Query, f filters) (order, filters, error) {
	o := order{descending: q.Sort.Descending()}
	texts := func(fields ...string) {
		o.segments = []segment{{fields: fields, low: "", high: derived.NoText}, {fields: fields, low: derived.NoText}}
	}
	times := func(s *span) {
		o.segments = []segment{{fields: []string{o.field, "_id"}, low: s.first, high: s.end}}
		*s = always
	}
	unfiltered := f.none()
	switch grapevine.Sort(q.Sort.Field()) {
	case grapevine.ByName:
		o.field, o.index, o.facetIndex = formName, byFormName, byFacetName
		texts(formName, "_id")
	case grapevine.ByCompany:
		o.field, o.index = formCompany, byFormCompany
		texts(formCompany, formName, "_id")
		if q.Company != "" {
			company := derived.CompanyText(q.Company)
			o.segments = []segment{{fields: []string{formName, "_id"}, where: bson.D{{Key: formCompany, Value: company}}}}
		}
	case grapevine.ByCreated:
		o.field, o.index, o.facetIndex = formCreated, byFormCreated, byFacetCreated
		times(&f.created)
	case grapevine.ByUpdated:
		o.field, o.index, o.facetIndex = formUpdated, byFormUpdated, byFacetUpdated
		times(&f.updated)
	default:
		return o, f, &grapevine.Error{
			Code:    grapevine.BadRequest,
			Message: fmt.Sprintf("sort %.40q is not one of name, createdAt, updatedAt, company, each with - for descending", string(q.Sort)),
		}
	}
	if unfiltered {
		o.segments = append(o.segments, segment{
			fields: []string{"_id"}, unformed: true,
			where: bson.D{{Key: formName, Value: nil}, {Key: o.field, Value: nil}},
		})
	}
	return o, f, nil
}

// place is the position of a contact in a segment.
func (s segment) place(doc bson.Raw) position {
	p := make(position, len(s.fields))
	for i, field := range s.fields {
		if p[i] = lookup(doc, field); p[i].IsZero() {
			p[i] = bson.RawValue{Type: bson.TypeNull}
		}
	}
	return p
}

// conditions select the contacts of the segment after one position, up to and with another, in conditions that are each one
// range of the index. A nil position is no bound.
func (s segment) conditions(from, to position, descending bool) (ranges []bson.D) {
	beyond, before, upTo := "$gt", "$lt", "$lte"
	if descending {
		beyond, before, upTo = "$lt", "$gt", "$gte"
	}
	last := len(s.fields) - 1
	add := func(n int, equal position, bounds bson.D) {
		d := bson.D{}
		for i := range n {
			d = append(d, bson.E{Key: s.fields[i], Value: equal[i]})
		}
		if n == 0 {
			bounds = append(s.bounds(), bounds...)
		}
		if len(bounds) > 0 {
			d = append(d, bson.E{Key: s.fields[n], Value: bounds})
		}
		ranges = append(ranges, append(d, s.where...))
	}
	below := func(n int) bson.E {
		if n == last {
			return bson.E{Key: upTo, Value: to[n]}
		}
		return bson.E{Key: before, Value: to[n]}
	}
	common := 0 // values that both positions have
	if from != nil && to != nil {
		for common < last && from[common].Equal(to[common]) {
			common++
		}
	}
	if from != nil {
		for n := last; n > common; n-- {
			add(n, from, bson.D{{Key: beyond, Value: from[n]}})
		}
	}
	var middle bson.D
	if from != nil {
		middle = append(middle, bson.E{Key: beyond, Value: from[common]})
	}
	if to != nil {
		middle = append(middle, below(common))
	}
	add(common, from, middle)
	if to != nil {
		for n := common + 1; n <= last; n++ {
			add(n, to, bson.D{below(n)})
		}
	}
	return ranges
}

// bounds are the conditions of the first field.
func (s segment) bounds() (d bson.D) {
	if s.low != nil {
		d = append(d, bson.E{Key: "$gte", Value: s.low})
	}
	if s.high != nil {
		d = append(d, bson.E{Key: "$lt", Value: s.high})
	}
	return d
}

// projection leaves the fields by which the segment is sorted.
func (s segment) projection() (d bson.D) {
	for _, field := range s.fields {
		d = append(d, bson.E{Key: field, Value: 1})
	}
	return d
}

// sort is the order of MongoDB's results.
func (s segment) sort(descending bool) (d bson.D) {
	direction := 1
	if descending {
		direction = -1
	}
	for _, field := range s.fields {
		d = append(d, bson.E{Key: field, Value: direction})
	}
	return d
}

// lookup finds a field of the derived part, or the _id.
func lookup(doc bson.Raw, field string) bson.RawValue {
	return doc.Lookup(strings.Split(field, ".")...)
}

// holds reports whether a place is one in the segment. As in MongoDB, a bound holds values of its own type only.
func (s segment) holds(p position) bool {
	in := func(bound any, fits func(order int) bool) bool {
		if bound == nil {
			return true
		}
		value := positionOf(bound)[0]
		return p[0].Type == value.Type && fits(compareValues(p[0], value))
	}
	return in(s.low, func(order int) bool { return order >= 0 }) && in(s.high, func(order int) bool { return order < 0 })
}

// row is where a contact stands in the list, according to its derived part. ok is false if it is not in the list.
func (o order) row(doc bson.Raw) (r row, ok bool) {
	for part, segment := range o.segments {
		place := segment.place(doc)
		unformed := isNull(lookup(doc, formName)) && isNull(lookup(doc, o.field))
		if segment.holds(place) && (unformed || !segment.unformed) {
			return row{doc: doc, part: part, at: place}, true
		}
	}
	return row{}, false
}

func isNull(value bson.RawValue) bool { return value.IsZero() || value.Type == bson.TypeNull }

// projection leaves the fields by which any order sorts.
func (o order) projection() bson.D {
	return bson.D{{Key: formName, Value: 1}, {Key: formCompany, Value: 1}, {Key: formCreated, Value: 1}, {Key: formUpdated, Value: 1}}
}

// comparePlaces compares rows by part, then by their positions in the direction of the list.
func comparePlaces(a, b row, descending bool) int {
	if a.part != b.part {
		return cmp.Compare(a.part, b.part)
	}
	for i := range min(len(a.at), len(b.at)) {
		if r := compareValues(a.at[i], b.at[i]); r != 0 {
			if descending {
				return -r
			}
			return r
		}
	}
	return 0
}

// compareValues compares two values of the derived part or two ids as MongoDB does. All others are equal.
func compareValues(a, b bson.RawValue) int {
	if a.Type != b.Type {
		return cmp.Compare(a.Type, b.Type)
	}
	switch a.Type {
	case bson.TypeString:
		return strings.Compare(a.StringValue(), b.StringValue())
	case bson.TypeInt64:
		return cmp.Compare(a.Int64(), b.Int64())
	case bson.TypeObjectID:
		return bytes.Compare(a.Value, b.Value)
	default:
		return 0
	}
}
