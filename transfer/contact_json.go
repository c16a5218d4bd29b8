package transfer

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"grapevine"
)

// The JSON of a contact in both directions. Requests go through a tree of maps, never through bson or
// struct tags: a name matches exactly or is refused, and an operator cannot pass as a value.

// ReadOnlyFields are the fields that the server sets. POST and PUT ignore them, so that the answer of a
// GET can be sent back.
var ReadOnlyFields = []string{"id", "fullName", "createdAt", "updatedAt", "score", "organization"}

// ContactFromJSON reads a whole contact from a JSON value, in which null means absent. The errors name
// unknown fields and wrong types; values are not validated.
func ContactFromJSON(v any) (grapevine.Contact, FieldErrors) {
	var c grapevine.Contact
	var fieldErrors FieldErrors
	object, ok := v.(map[string]any)
	if !ok {
		fieldErrors.Add("", "must be an object, not "+jsonType(v))
		return c, fieldErrors
	}
	for name, v := range object {
		pointer := Pointer("", name)
		field := grapevine.FieldNamed(name)
		switch {
		case slices.Contains(ReadOnlyFields, name):
		case grapevine.FieldWithShorthand(name) != nil: // after the lists, on which it depends
		case field == nil:
			fieldErrors.Add(pointer, noSuchField(name))
		case field.Type == grapevine.TextsField:
			*field.Texts(&c) = textsFrom(v, pointer, &fieldErrors)
		case field.Type == grapevine.RecordsField:
			readRecords(field.Records, &c, v, pointer, &fieldErrors)
		default:
			readText(field.Text(&c), v, pointer, &fieldErrors)
		}
	}
	for _, field := range grapevine.ContactFields {
		if v, given := object[field.Shorthand]; given && field.Shorthand != "" {
			_, beside := object[field.Name]
			readShorthand(field, &c, v, beside, &fieldErrors)
		}
	}
	return c, fieldErrors
}

// noSuchField says so, and names the field that is meant if only its capital letters differ.
func noSuchField(name string) string {
	for _, field := range grapevine.ContactFields {
		for _, known := range []string{field.Name, field.Shorthand} {
			if known != "" && strings.EqualFold(known, name) {
				return "there is no such field; there is " + known
			}
		}
	}
	return "there is no such field"
}

// readShorthand reads a text that stands for the value of the first record. beside says that the list is given too.
func readShorthand(field *grapevine.Field, c *grapevine.Contact, v any, beside bool, fieldErrors *FieldErrors) {
	pointer, text, first := Pointer("", field.Shorthand), "", ""
	readText(&text, v, pointer, fieldErrors)
	if field.Records.Len(c) > 0 {
		first = *field.Records.Text(c, 0, grapevine.EntryValue)
	}
	switch {
	case !beside && text != "":
		field.Records.Append(c)
		*field.Records.Text(c, 0, grapevine.EntryValue) = text
	case beside && v != nil && strings.TrimSpace(text) != strings.TrimSpace(first):
		fieldErrors.Add(pointer, "must be equal to the first value of "+field.Name+"; leave out one of the two")
	}
}

// NameShorthands points errors at the shorthand that the client sent, in place of the list that it stands for.
func NameShorthands(body any, fieldErrors []grapevine.FieldError) {
	object, _ := body.(map[string]any)
	for _, field := range grapevine.ContactFields {
		_, given := object[field.Shorthand]
		if _, beside := object[field.Name]; !given || beside || field.Shorthand == "" {
			continue
		}
		for i := range fieldErrors {
			if fieldErrors[i].Pointer == "/"+field.Name+"/0/value" {
				fieldErrors[i].Pointer = Pointer("", field.Shorthand)
			}
		}
	}
}

// ExpandShorthands replaces the shorthands in a merge patch with the lists that result from them: the first record gets
// the value and keeps its label, and null removes it. A shorthand beside its list stays, for [ContactFromJSON] to compare.
func ExpandShorthands(patch any, current *grapevine.Contact) any {
	object, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	expanded := maps.Clone(object)
	for _, field := range grapevine.ContactFields {
		v, given := object[field.Shorthand]
		_, beside := object[field.Name]
		if !given || beside || field.Shorthand == "" {
			continue
		}
		delete(expanded, field.Shorthand)
		list := recordTrees(field.Records, current)
		switch {
		case v == nil || v == "":
			list = list[min(1, len(list)):]
		case len(list) == 0:
			list = []any{map[string]any{"value": v}}
		default:
			list[0].(map[string]any)["value"] = v
		}
		expanded[field.Name] = list
	}
	return expanded
}

func readText(at *string, v any, pointer string, fieldErrors *FieldErrors) {
	if v == nil {
		return
	}
	s, ok := v.(string)
	if !ok {
		fieldErrors.Add(pointer, "must be text, not "+jsonType(v))
		return
	}
	*at = s
}

func textsFrom(v any, pointer string, fieldErrors *FieldErrors) []string {
	var texts []string
	for i, v := range listFrom(v, pointer, fieldErrors) {
		s, ok := v.(string)
		if !ok {
			fieldErrors.Add(Pointer(pointer, strconv.Itoa(i)), "must be text, not "+jsonType(v))
		}
		texts = append(texts, s)
	}
	return texts
}

func readRecords(records grapevine.Records, c *grapevine.Contact, v any, pointer string, fieldErrors *FieldErrors) {
	for i, v := range listFrom(v, pointer, fieldErrors) {
		records.Append(c)
		at := Pointer(pointer, strconv.Itoa(i))
		object, ok := v.(map[string]any)
		if !ok {
			fieldErrors.Add(at, "must be an object, not "+jsonType(v))
		}
		for name, v := range object {
			j := slices.IndexFunc(records.SubFields(), func(p grapevine.SubField) bool { return p.Name == name })
			if j < 0 {
				fieldErrors.Add(Pointer(at, name), "there is no such field")
				continue
			}
			readText(records.Text(c, i, j), v, Pointer(at, name), fieldErrors)
		}
	}
}

func listFrom(v any, pointer string, fieldErrors *FieldErrors) []any {
	list, ok := v.([]any)
	if !ok && v != nil {
		fieldErrors.Add(pointer, "must be a list, not "+jsonType(v))
	}
	return list
}

// JSONTree is the JSON value of the fields that a client can change. [ContactFromJSON] reads it.
func JSONTree(c grapevine.Contact) map[string]any {
	tree := map[string]any{}
	for _, f := range grapevine.ContactFields {
		switch f.Type {
		case grapevine.TextsField:
			list := make([]any, len(*f.Texts(&c)))
			for j, text := range *f.Texts(&c) {
				list[j] = text
			}
			tree[f.Name] = list
		case grapevine.RecordsField:
			tree[f.Name] = recordTrees(f.Records, &c)
		case grapevine.TextField, grapevine.IDField:
			if text := *f.Text(&c); text != "" {
				tree[f.Name] = text
			}
		}
	}
	return tree
}

func recordTrees(records grapevine.Records, c *grapevine.Contact) []any {
	list := make([]any, records.Len(c))
	for i := range list {
		tree := map[string]any{}
		for j, part := range records.SubFields() {
			if text := *records.Text(c, i, j); text != "" {
				tree[part.Name] = text
			}
		}
		list[i] = tree
	}
	return list
}

func jsonType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case string:
		return "text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}
