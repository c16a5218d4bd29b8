package store

import (
	"bytes"
	"cmp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"grapevine"
)

// order is how a list is sorted: as one or more streams, each of which an index delivers in order, so
// that a page costs what it shows however long the list is. Together the streams hold every contact
// once. See docs/decisions/0003-list-order.md.
type order struct {
	streams  []stream
	key      bson.D // the same order computed from a document, for the few that a filter leaves
	fields   []string
	collated bool
}

// stream is a range of an index: the contacts of a workspace in the order of the index's other keys.
type stream struct {
	index string
	keys  []string // of the index after workspace, the last one _id
	span  span     // which values of the first key
	value string   // only this value of the first key
	byID  bool     // a contact here stands at its _id's time
	none  bool     // the contacts here have no first sort value, so they stand before all others
	lists bool     // only contacts with a list in place of a text or a time that the order needs
}

type span int

const (
	whole span = iota
	present
	absent
	text // texts that are not empty
)

// orderOf is the order of a query's sort.
func orderOf(q grapevine.Query) (order, bool) {
	of, ok := plainOrderOf(q)
	of.streams = append([]stream{{index: withList, keys: []string{"_id"}, none: true, lists: true}}, of.streams...)
	if q.Sort.Descending() { // read first what comes first
		slices.SortStableFunc(of.streams, func(a, b stream) int { return cmp.Compare(btoi(a.none), btoi(b.none)) })
	}
	return of, ok
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// plainOrderOf is the order of contacts without a list in place of a text or a time.
func plainOrderOf(q grapevine.Query) (order, bool) {
	idTime := convertIDToDate()
	switch grapevine.Sort(q.Sort.Field()) {
	case grapevine.ByName:
		lastNames := stream{index: byName, keys: []string{"lastName", "firstName", "_id"}, span: text}
		if q.Kind == grapevine.Organization {
			lastNames.index = byNameOrganizations // hardly any, and they would be looked for among all persons
		}
		return order{
			streams: []stream{
				lastNames,
				{index: byNameNoLast, keys: []string{"name", "firstName", "_id"}},
			},
			key:      key(firstOf(textOf("$lastName"), textOf("$name")), textOf("$firstName"), "$_id"),
			fields:   []string{"lastName", "firstName", "name"},
			collated: true,
		}, true
	case grapevine.ByCreated:
		return order{
			streams: []stream{
				{index: byCreated, keys: []string{"createdAt", "_id"}, span: present},
				{index: byCreated, keys: []string{"createdAt", "_id"}, span: absent, byID: true},
			},
			key:    key(firstOf("$createdAt", idTime), "$_id"),
			fields: []string{"createdAt"},
		}, true
	case grapevine.ByUpdated:
		return order{
			streams: []stream{
				{index: byUpdated, keys: []string{"updatedAt", "_id"}, span: present},
				{index: byUpdatedAbsent, keys: []string{"createdAt", "_id"}, span: present},
				{index: byUpdatedAbsent, keys: []string{"createdAt", "_id"}, span: absent, byID: true},
			},
			key:    key(firstOf("$updatedAt", "$createdAt", idTime), "$_id"),
			fields: []string{"updatedAt", "createdAt"},
		}, true
	case grapevine.ByCompany:
		of := order{key: key(textOf("$company"), "$_id"), fields: []string{"company"}, collated: true}
		companies := stream{index: byCompany, keys: []string{"company", "_id"}, span: text, value: q.Company}
		without := stream{index: byCompanyNone, keys: []string{"_id"}, none: true}
		switch q.Kind {
		case grapevine.Organization:
			companies.index = byCompanyOrganizations // hardly any has one, so they would all be met last
		case grapevine.Person:
			without.index = byCompanyPersonsNone // hardly any but organizations are without, so they would all be met first
		}
		if q.Company != "" {
			companies.index = byCompany
		} else {
			of.streams = append(of.streams, without)
		}
		of.streams = append(of.streams, companies)
		return of, true
	}
	return order{}, false
}

// key is a document of sort values: MongoDB compares two such documents value by value, across all
// types and under the collation.
func key(values ...any) (d bson.D) {
	for i, v := range values {
		d = append(d, bson.E{Key: string(rune('a' + i)), Value: v})
	}
	return d
}

func firstOf(values ...any) bson.D {
	return bson.D{{Key: "$ifNull", Value: append(bson.A(values), nil)}}
}

// textOf is the value of a field if it is a text that is not empty, otherwise null. A text that is longer than any of the
// API is cut, because MongoDB returns it beside the whole contact. In MongoDB's order of types only
// texts are between the empty text and the empty document.
func textOf(field string) bson.D {
	return bson.D{{Key: "$cond", Value: bson.A{
		bson.D{{Key: "$and", Value: bson.A{
			bson.D{{Key: "$gt", Value: bson.A{field, ""}}},
			bson.D{{Key: "$lt", Value: bson.A{field, bson.D{{Key: "$literal", Value: bson.D{}}}}}},
		}}},
		bson.D{{Key: "$cond", Value: bson.A{
			bson.D{{Key: "$gt", Value: bson.A{bson.D{{Key: "$strLenBytes", Value: field}}, maxPositionBytes}}},
			bson.D{{Key: "$substrCP", Value: bson.A{field, 0, grapevine.MaxName}}},
			field,
		}}},
		nil,
	}}}
}

func convertIDToDate() bson.D {
	return bson.D{{Key: "$convert", Value: bson.D{
		{Key: "input", Value: "$_id"},
		{Key: "to", Value: "date"},
		{Key: "onError", Value: nil},
		{Key: "onNull", Value: nil},
	}}}
}

// position is where a contact stands in a stream: the values of the stream's keys.
type position []bson.RawValue

func (s stream) positionOf(doc bson.Raw) position {
	p := make(position, len(s.keys))
	for i, field := range s.keys {
		if p[i] = doc.Lookup(field); p[i].IsZero() {
			p[i] = bson.RawValue{Type: bson.TypeNull}
		}
	}
	return p
}

// bounds are the first key of the range and one past its last.
func (s stream) bounds(workspace string) (low, high bson.D) {
	first, last := any(bson.MinKey{}), any(bson.MaxKey{})
	rest, lastRest := any(bson.MinKey{}), any(bson.MaxKey{})
	switch s.span {
	case present: // everything after null
		first, rest = nil, bson.MaxKey{}
	case absent:
		first, last = nil, nil
	case text: // everything after the empty text, up to documents
		first, rest, last, lastRest = "", bson.MaxKey{}, bson.D{}, bson.MinKey{}
	case whole:
	}
	if s.value != "" {
		first, rest, last, lastRest = s.value, bson.MinKey{}, s.value, bson.MaxKey{}
	}
	low = bson.D{{Key: "workspace", Value: workspace}, {Key: s.keys[0], Value: first}}
	high = bson.D{{Key: "workspace", Value: workspace}, {Key: s.keys[0], Value: last}}
	for _, field := range s.keys[1:] {
		low = append(low, bson.E{Key: field, Value: rest})
		high = append(high, bson.E{Key: field, Value: lastRest})
	}
	return low, high
}

// comesAfter reports whether every contact of s comes after every contact of t.
func (s stream) comesAfter(t stream, descending bool) bool {
	if descending {
		s, t = t, s
	}
	return t.none && !s.none
}

// aligned says that a position in one of the streams is a place in the other, too.
func (s stream) aligned(t stream) bool {
	return len(s.keys) == len(t.keys) && s.span != absent && t.span != absent
}

// end is the position past all that share its sort values, in the direction of the list.
func (p position) end(descending bool) position {
	last := bson.RawValue{Type: bson.TypeMaxKey}
	if descending {
		last.Type = bson.TypeMinKey
	}
	return append(slices.Clone(p[:len(p)-1]), last)
}

func (s stream) at(workspace string, p position) bson.D {
	d := bson.D{{Key: "workspace", Value: workspace}}
	for i, field := range s.keys {
		d = append(d, bson.E{Key: field, Value: p[i]})
	}
	return d
}

// comparer tells which of two contacts of different streams stands first. Within a stream the index
// decides; where this one's idea of letters differs from MongoDB's, two contacts change places and
// none is lost, because a cursor holds a position in each stream.
type comparer struct{ letters *collate.Collator }

func newComparer() comparer {
	return comparer{collate.New(language.English, collate.IgnoreCase)}
}

func (c comparer) compare(s stream, a position, t stream, b position) int {
	a, b = s.sortValues(a), t.sortValues(b)
	for i := range min(len(a), len(b)) {
		if r := c.values(a[i], b[i]); r != 0 {
			return r
		}
	}
	return 0
}

// sortValues are the values of the order at a position: the _id's time where the stream stands for it, and no first
// value where it has none.
func (s stream) sortValues(p position) position {
	if s.none {
		return append(position{{Type: bson.TypeNull}}, p...)
	}
	if id, ok := p[len(p)-1].ObjectIDOK(); ok && s.byID {
		t, data, err := bson.MarshalValue(bson.NewDateTimeFromTime(id.Timestamp()))
		if err == nil {
			return append(position{{Type: t, Value: data}}, p[1:]...)
		}
	}
	return p
}

func (c comparer) values(x, y bson.RawValue) int {
	if r := cmp.Compare(rank(x.Type), rank(y.Type)); r != 0 {
		return r
	}
	switch x.Type {
	case bson.TypeString:
		a, _ := x.StringValueOK()
		b, _ := y.StringValueOK()
		return c.letters.CompareString(a, b)
	case bson.TypeDateTime:
		a, _ := x.DateTimeOK()
		b, _ := y.DateTimeOK()
		return cmp.Compare(a, b)
	case bson.TypeObjectID:
		return bytes.Compare(x.Value, y.Value)
	}
	return 0
}

// rank is the place of a type in MongoDB's order of types, as far as it matters here.
func rank(t bson.Type) int {
	switch t {
	case bson.TypeMinKey:
		return 0
	case bson.TypeNull, bson.TypeUndefined:
		return 1
	case bson.TypeDouble, bson.TypeInt32, bson.TypeInt64, bson.TypeDecimal128:
		return 2
	case bson.TypeString, bson.TypeSymbol:
		return 3
	case bson.TypeEmbeddedDocument:
		return 4
	case bson.TypeArray:
		return 5
	case bson.TypeBinary:
		return 6
	case bson.TypeObjectID:
		return 7
	case bson.TypeBoolean:
		return 8
	case bson.TypeDateTime:
		return 9
	case bson.TypeTimestamp:
		return 10
	case bson.TypeMaxKey:
		return 12
	}
	return 11
}
