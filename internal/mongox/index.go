package mongox

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Index is the definition of an index.
type Index struct {
	Name      string
	Keys      bson.D
	Collation bson.D // nil means none
	Partial   bson.D // the partial filter; nil means every document
	Unique    bool
	Text      bson.D // of a text index: weights, default_language, language_override
}

func (i Index) definition() bson.D {
	d := bson.D{{Key: "name", Value: i.Name}, {Key: "key", Value: i.Keys}}
	if i.Collation != nil {
		d = append(d, bson.E{Key: "collation", Value: i.Collation})
	}
	if i.Partial != nil {
		d = append(d, bson.E{Key: "partialFilterExpression", Value: i.Partial})
	}
	if i.Unique {
		d = append(d, bson.E{Key: "unique", Value: true})
	}
	return append(d, i.Text...)
}

// foundIndex is an index that MongoDB lists.
type foundIndex struct {
	Name      string   `bson:"name"`
	Key       bson.D   `bson:"key"`
	Hidden    bool     `bson:"hidden"`
	Unique    bool     `bson:"unique"`
	Sparse    bool     `bson:"sparse"`
	Partial   bson.Raw `bson:"partialFilterExpression"`
	Collation bson.D   `bson:"collation"`
	Weights   bson.D   `bson:"weights"`
	Language  string   `bson:"default_language"`
	Override  string   `bson:"language_override"`
	building  bool
}

// serves reports whether the found index can do all that the wanted one is for. The names do not matter. An
// index that is unique can stand in for one that is not; a sparse one leaves documents out.
func (f foundIndex) serves(want Index) bool {
	if f.Sparse || want.Unique && !f.Unique || !f.hasFilter(want.Partial) {
		return false
	}
	if want.Text != nil {
		return f.isText() && f.hasTextKeys(want)
	}
	return sameKeys(f.Key, want.Keys) && f.hasCollation(want.Collation)
}

func (f foundIndex) isText() bool {
	return slices.ContainsFunc(f.Key, func(key bson.E) bool { return key.Key == "_fts" })
}

// hasTextKeys compares what MongoDB lists of a text index: the fields before the text ones, then _fts and _ftsx, and
// the text fields as weights.
func (f foundIndex) hasTextKeys(want Index) bool {
	keys := bson.D{}
	for _, key := range want.Keys {
		if key.Value != "text" {
			keys = append(keys, key)
		}
	}
	before := slices.IndexFunc(f.Key, func(key bson.E) bool { return key.Key == "_fts" })
	if !sameKeys(f.Key[:before], keys) {
		return false
	}
	options := map[string]any{"weights": f.Weights, "default_language": f.Language, "language_override": f.Override}
	for _, option := range want.Text {
		if weights, ok := option.Value.(bson.D); ok {
			if !sameNumbers(f.Weights, allWeights(want.Keys, weights)) {
				return false
			}
		} else if options[option.Key] != option.Value {
			return false
		}
	}
	return true
}

// allWeights adds the weight 1 of the text fields that have no other, as MongoDB does.
func allWeights(keys, weights bson.D) bson.D {
	all := slices.Clone(weights)
	for _, key := range keys {
		if key.Value == "text" && !slices.ContainsFunc(weights, func(w bson.E) bool { return w.Key == key.Key }) {
			all = append(all, bson.E{Key: key.Key, Value: 1})
		}
	}
	return all
}

func (f foundIndex) hasFilter(want bson.D) bool {
	if want == nil || f.Partial == nil {
		return want == nil && f.Partial == nil
	}
	raw, err := bson.Marshal(want)
	return err == nil && bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw}.Equal(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: f.Partial})
}

// usualCollation has the values of the options that MongoDB lists although nobody gave them.
var usualCollation = map[string]any{
	"caseLevel": false, "caseFirst": "off", "numericOrdering": false, "alternate": "non-ignorable", "maxVariable": "punct",
	"normalization": false, "backwards": false,
}

func (f foundIndex) hasCollation(want bson.D) bool {
	if want == nil {
		return f.Collation == nil
	}
	expected := map[string]any{"strength": 3}
	for _, option := range want {
		expected[option.Key] = option.Value
	}
	for _, option := range f.Collation {
		value, given := expected[option.Key]
		if !given {
			value, given = usualCollation[option.Key]
		}
		if given && !sameValue(option.Value, value) {
			return false
		}
	}
	return f.Collation != nil
}

// sameKeys compares fields, their order and their directions.
func sameKeys(a, b bson.D) bool {
	return slices.EqualFunc(a, b, func(a, b bson.E) bool { return a.Key == b.Key && sameValue(a.Value, b.Value) })
}

// sameNumbers compares the fields and numbers of two documents in any order.
func sameNumbers(a, b bson.D) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(e bson.E) bool {
		return !slices.ContainsFunc(b, func(other bson.E) bool { return e.Key == other.Key && sameValue(e.Value, other.Value) })
	})
}

// sameValue compares numbers of any type by value: mongosh stores the direction of a key as a double or an int.
func sameValue(a, b any) bool {
	x, isNumber := number(a)
	y, isAlsoNumber := number(b)
	if isNumber || isAlsoNumber {
		return isNumber && isAlsoNumber && x == y
	}
	return a == b
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int32:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
