package transfer

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
)

// readJSONRow makes a contact of an object. It is a person where nothing says otherwise. Unlike [ContactFromJSON] it refuses
// nothing: what has no field, or another type than the field, is kept among the custom values.
func readJSONRow(object map[string]any, row *record.Row) {
	row.Contact = grapevine.NewContact()
	c := &row.Contact
	for _, f := range grapevine.ContactFields {
		v, given := object[f.Name]
		if !given && f.Shorthand != "" {
			v = object[f.Shorthand]
		}
		if v == nil || f.Name == "workspace" {
			continue
		}
		switch f.Type {
		case grapevine.TextsField:
			for _, v := range asList(v) {
				*f.Texts(c) = append(*f.Texts(c), jsonText(v))
			}
		case grapevine.RecordsField:
			for _, v := range asList(v) {
				addRecord(f, row, v)
			}
		case grapevine.TextField, grapevine.IDField:
			*f.Text(c) = jsonText(v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		known := slices.Contains(ReadOnlyFields, name) || grapevine.FieldNamed(name) != nil || grapevine.FieldWithShorthand(name) != nil
		if !known && object[name] != nil {
			c.Custom = append(c.Custom, grapevine.Entry{Label: name, Value: jsonText(object[name])})
		}
	}
	if c.Kind != grapevine.Organization && c.Kind != grapevine.Person && c.Kind != "" {
		row.Tell(row.Line, "kind", "is not person or organization, and was left out")
		c.Kind = ""
	}
	if c.Kind == "" {
		c.Kind = grapevine.Person
		if c.FirstName == "" && c.Name != "" {
			c.Kind = grapevine.Organization
		}
	}
}

// addRecord adds one entry of a list: an object, or a text that is its value.
func addRecord(f *grapevine.Field, row *record.Row, v any) {
	subFields := f.Records.SubFields()
	object, ok := v.(map[string]any)
	if !ok {
		main := min(grapevine.EntryValue, len(subFields)-1) // the street of an address
		object = map[string]any{subFields[main].Name: v}
	}
	f.Records.Append(&row.Contact)
	i := f.Records.Len(&row.Contact) - 1
	for _, name := range slices.Sorted(maps.Keys(object)) {
		j := slices.IndexFunc(subFields, func(s grapevine.SubField) bool { return s.Name == name })
		if j < 0 {
			row.Tell(row.Line, f.Name+"."+name, "is not a part of an entry, and was left out")
			continue
		}
		*f.Records.Text(&row.Contact, i, j) = jsonText(object[name])
	}
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// jsonText is a value as text. A list or an object stays JSON.
func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // it was decoded from JSON
	return strings.TrimSpace(text.String())
}
