package transfer

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

// ReadOnlyFields are the fields the server fills. POST and PUT ignore them, so that a GET can be PUT back.
var ReadOnlyFields = []string{"id", "fullName", "createdAt", "updatedAt", "score", "organization"}

// maxErrors bounds an answer; one request of 1 MiB can hold 100,000 unknown names.
const maxErrors = 100

// FieldErrors collects what is wrong with a body.
type FieldErrors []grapevine.FieldError

// Add appends one finding.
func (e *FieldErrors) Add(pointer, detail string) {
	*e = append(*e, grapevine.FieldError{Pointer: pointer, Detail: detail})
}

// Merge adds those of more whose pointer has none yet: a field of the wrong type is also missing.
func (e *FieldErrors) Merge(more []grapevine.FieldError) {
	for _, m := range more {
		if !slices.ContainsFunc(*e, func(f grapevine.FieldError) bool { return f.Pointer == m.Pointer }) {
			*e = append(*e, m)
		}
	}
}

// Sorted is by pointer, so that equal requests get equal answers.
func (e FieldErrors) Sorted() []grapevine.FieldError {
	slices.SortStableFunc(e, func(a, b grapevine.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return e.Bounded()
}

// Bounded keeps the first hundred and says how many more there are.
func (e FieldErrors) Bounded() []grapevine.FieldError {
	if n := len(e) - maxErrors; n > 0 {
		return append(e[:maxErrors:maxErrors], grapevine.FieldError{Detail: fmt.Sprintf("and %d more", n)})
	}
	return e
}

// ContactFromJSON reads a whole contact. Null means absent. It says what is unknown or of the wrong type,
// not whether values are acceptable.
func ContactFromJSON(v any) (grapevine.Contact, FieldErrors) {
	var c grapevine.Contact
	var bad FieldErrors
	object, ok := v.(map[string]any)
	if !ok {
		bad.Add("", "must be an object, not "+kindOf(v))
		return c, bad
	}
	texts := textFields(&c)
	for name, v := range object {
		pointer := Pointer("", name)
		switch at, known := texts[name]; {
		case slices.Contains(ReadOnlyFields, name):
		case known:
			text(at, v, pointer, &bad)
		case name == "kind":
			text((*string)(&c.Kind), v, pointer, &bad)
		case name == "tags":
			c.Tags = tagsFrom(v, pointer, &bad)
		case name == "addresses":
			c.Addresses = addressesFrom(v, pointer, &bad)
		default:
			bad.Add(pointer, "there is no such field")
		}
	}
	return c, bad
}

func text(at *string, v any, pointer string, bad *FieldErrors) {
	if v == nil {
		return
	}
	s, ok := v.(string)
	if !ok {
		bad.Add(pointer, "must be text, not "+kindOf(v))
		return
	}
	*at = s
}

func tagsFrom(v any, pointer string, bad *FieldErrors) []string {
	var tags []string
	for i, v := range listFrom(v, pointer, bad) {
		s, ok := v.(string)
		if !ok {
			bad.Add(Pointer(pointer, strconv.Itoa(i)), "must be text, not "+kindOf(v))
		}
		tags = append(tags, s)
	}
	return tags
}

func addressesFrom(v any, pointer string, bad *FieldErrors) []grapevine.Address {
	var addresses []grapevine.Address
	for i, v := range listFrom(v, pointer, bad) {
		var a grapevine.Address
		at := Pointer(pointer, strconv.Itoa(i))
		object, ok := v.(map[string]any)
		if !ok {
			bad.Add(at, "must be an object, not "+kindOf(v))
		}
		texts := addressFields(&a)
		for name, v := range object {
			if field, known := texts[name]; known {
				text(field, v, Pointer(at, name), bad)
			} else {
				bad.Add(Pointer(at, name), "there is no such field")
			}
		}
		addresses = append(addresses, a)
	}
	return addresses
}

func listFrom(v any, pointer string, bad *FieldErrors) []any {
	list, ok := v.([]any)
	if !ok && v != nil {
		bad.Add(pointer, "must be a list, not "+kindOf(v))
	}
	return list
}

// JSONTree is what a client may change of a contact, as ContactFromJSON reads it.
func JSONTree(c grapevine.Contact) map[string]any {
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

// Pointer is the JSON pointer (RFC 6901) of a member, with an endless name cut short.
func Pointer(parent, name string) string {
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
