package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"grapevine"
)

// The JSON of a contact, in both directions. Requests go through a tree of maps, never through bson
// or a struct's tags: a name matches exactly or is refused, and no operator can pass as a value.

// textFields are the plain text fields of a contact.
func textFields(c *grapevine.Contact) map[string]*string {
	return map[string]*string{
		"workspace": &c.Workspace, "firstName": &c.FirstName, "lastName": &c.LastName, "name": &c.Name,
		"email": &c.Email, "phone": &c.Phone, "company": &c.Company, "organizationId": &c.OrganizationID,
		"notes": &c.Notes, "owner": &c.Owner,
	}
}

func addressFields(a *grapevine.Address) map[string]*string {
	return map[string]*string{
		"label": &a.Label, "street": &a.Street, "city": &a.City, "region": &a.Region,
		"postalCode": &a.PostalCode, "country": &a.Country,
	}
}

// ours are the fields the server fills. POST and PUT ignore them, so that a GET can be PUT back.
var ours = []string{"id", "fullName", "createdAt", "updatedAt", "score", "organization"}

// maxFieldErrors bounds an answer; one request of 1 MiB can hold 100,000 unknown names.
const maxFieldErrors = 100

// fieldErrors collects what is wrong with a body.
type fieldErrors []grapevine.FieldError

func (e *fieldErrors) add(pointer, detail string) {
	*e = append(*e, grapevine.FieldError{Pointer: pointer, Detail: detail})
}

// merge adds those of more whose pointer has none yet: a field of the wrong type is also missing.
func (e *fieldErrors) merge(more []grapevine.FieldError) {
	for _, m := range more {
		if !slices.ContainsFunc(*e, func(f grapevine.FieldError) bool { return f.Pointer == m.Pointer }) {
			*e = append(*e, m)
		}
	}
}

// sorted is by pointer, so that equal requests get equal answers.
func (e fieldErrors) sorted() []grapevine.FieldError {
	slices.SortStableFunc(e, func(a, b grapevine.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return e.bounded()
}

func (e fieldErrors) bounded() []grapevine.FieldError {
	if n := len(e) - maxFieldErrors; n > 0 {
		return append(e[:maxFieldErrors:maxFieldErrors], grapevine.FieldError{Detail: fmt.Sprintf("and %d more", n)})
	}
	return e
}

// contactFrom reads a whole contact. Null means absent. It says what is unknown or of the wrong type,
// not whether values are acceptable.
func contactFrom(v any) (grapevine.Contact, fieldErrors) {
	var c grapevine.Contact
	var bad fieldErrors
	object, ok := v.(map[string]any)
	if !ok {
		bad.add("", "must be an object, not "+kindOf(v))
		return c, bad
	}
	texts := textFields(&c)
	for name, v := range object {
		pointer := pointerTo("", name)
		switch at, known := texts[name]; {
		case slices.Contains(ours, name):
		case known:
			text(at, v, pointer, &bad)
		case name == "kind":
			text((*string)(&c.Kind), v, pointer, &bad)
		case name == "tags":
			c.Tags = tagsFrom(v, pointer, &bad)
		case name == "addresses":
			c.Addresses = addressesFrom(v, pointer, &bad)
		default:
			bad.add(pointer, "there is no such field")
		}
	}
	return c, bad
}

func text(at *string, v any, pointer string, bad *fieldErrors) {
	if v == nil {
		return
	}
	s, ok := v.(string)
	if !ok {
		bad.add(pointer, "must be text, not "+kindOf(v))
		return
	}
	*at = s
}

func tagsFrom(v any, pointer string, bad *fieldErrors) []string {
	var tags []string
	for i, v := range listFrom(v, pointer, bad) {
		s, ok := v.(string)
		if !ok {
			bad.add(pointerTo(pointer, strconv.Itoa(i)), "must be text, not "+kindOf(v))
		}
		tags = append(tags, s)
	}
	return tags
}

func addressesFrom(v any, pointer string, bad *fieldErrors) []grapevine.Address {
	var addresses []grapevine.Address
	for i, v := range listFrom(v, pointer, bad) {
		var a grapevine.Address
		at := pointerTo(pointer, strconv.Itoa(i))
		object, ok := v.(map[string]any)
		if !ok {
			bad.add(at, "must be an object, not "+kindOf(v))
		}
		texts := addressFields(&a)
		for name, v := range object {
			if field, known := texts[name]; known {
				text(field, v, pointerTo(at, name), bad)
			} else {
				bad.add(pointerTo(at, name), "there is no such field")
			}
		}
		addresses = append(addresses, a)
	}
	return addresses
}

func listFrom(v any, pointer string, bad *fieldErrors) []any {
	list, ok := v.([]any)
	if !ok && v != nil {
		bad.add(pointer, "must be a list, not "+kindOf(v))
	}
	return list
}

// treeOf is what a client may change of a contact, as contactFrom reads it.
func treeOf(c grapevine.Contact) map[string]any {
	tree := textTree(textFields(&c))
	tree["kind"] = string(c.Kind)
	tags := make([]any, len(c.Tags))
	for i, t := range c.Tags {
		tags[i] = t
	}
	addresses := make([]any, len(c.Addresses))
	for i := range c.Addresses {
		addresses[i] = textTree(addressFields(&c.Addresses[i]))
	}
	tree["tags"], tree["addresses"] = tags, addresses
	return tree
}

func textTree(fields map[string]*string) map[string]any {
	tree := map[string]any{}
	for name, s := range fields {
		if *s != "" {
			tree[name] = *s
		}
	}
	return tree
}

func kindOf(v any) string {
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

// pointerTo is the JSON pointer (RFC 6901) of a member, with an endless name cut short.
func pointerTo(parent, name string) string {
	const most = 128
	if len(name) > most {
		cut := most
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + "…"
	}
	return parent + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
