package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// characters are those at which a rule about characters may begin or end. The last two code points of the planes beyond
// U+FFFF are not among them: the rules refuse them, and a pattern that names them is read in two ways by JavaScript.
func characters() (all []rune) {
	for c := rune(0); c <= 0xa0; c++ {
		all = append(all, c)
	}
	return append(all, 0xad, 0x300, 0x2027, 0x2028, 0x2029, 0x202a, 0xd7ff, 0xe000,
		0xfdcf, 0xfdd0, 0xfdef, 0xfdf0, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x1f600, 0x1fffd, 0x10fffd)
}

// The schema of a new contact accepts exactly the texts that the rules accept.
func TestSchemaAndRulesAgreeOnTexts(t *testing.T) {
	schema := openAPI(t).Components.Schemas["ContactInput"].Value
	check := func(name string, value any, contact grapevine.Contact) {
		t.Helper()
		if len(fmt.Sprint(value)) > grapevine.MaxContactBytes*9/10 {
			return // no schema can say how large a whole contact may be
		}
		body := map[string]any{"kind": "person", "firstName": "Ada"}
		body[name] = value
		contact.Workspace, contact.Kind = grapevine.DefaultWorkspace, grapevine.Person
		if name != "firstName" {
			contact.FirstName = "Ada"
		}
		rules, document := contact.Validate(), schema.VisitJSON(body)
		require.Equal(t, rules == nil, document == nil, "%s = %+.40q: the rules say %v, the schema says %v", name, value, rules, document)
	}
	for _, f := range grapevine.ContactFields {
		for _, text := range texts(f.Max) {
			switch f.Type {
			case grapevine.TextField:
				if f.Max == 0 {
					continue
				}
				if f.Name == "email" {
					text += "@example.com"
				}
				contact := grapevine.NewContact()
				*f.Text(&contact) = text
				check(f.Name, text, contact)
			case grapevine.TextsField:
				contact := grapevine.NewContact()
				*f.Texts(&contact) = []string{text}
				check(f.Name, []any{text}, contact)
			case grapevine.RecordsField, grapevine.IDField:
			}
		}
		if f.Type != grapevine.RecordsField {
			continue
		}
		for i, sub := range f.Records.SubFields() {
			for _, text := range texts(sub.Max) {
				contact := grapevine.NewContact()
				f.Records.Append(&contact)
				*f.Records.Text(&contact, 0, i) = text
				check(f.Name, []any{map[string]any{sub.Name: text}}, contact)
			}
		}
	}
}

// texts has every one of the characters within a text, and texts at the limit of their length.
func texts(limit int) []string {
	all := []string{"", strings.Repeat("a", limit), strings.Repeat("a", limit+1), strings.Repeat("𝄞", limit), strings.Repeat("𝄞", limit+1)}
	for _, c := range characters() {
		all = append(all, "a"+string(c)+"b")
	}
	return all
}
