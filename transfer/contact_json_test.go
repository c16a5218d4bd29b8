package transfer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestContactFromNamesEveryBadField(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"not an object":                 {`[]`, []string{": must be an object, not a list"}},
		"text":                          {`"x"`, []string{": must be an object, not text"}},
		"unknown fields":                {`{"firstname":"A","Email":"x","_id":1}`, []string{"/Email: there is no such field; there is email", "/_id: there is no such field", "/firstname: there is no such field; there is firstName"}},
		"operators as values":           {`{"email":{"$ne":""},"firstName":["A"]}`, []string{"/email: must be text, not an object", "/firstName: must be text, not a list"}},
		"operators as names":            {`{"$where":"1","a.b":1,"a/b~c":1}`, []string{"/$where: there is no such field", "/a.b: there is no such field", "/a~1b~0c: there is no such field"}},
		"wrong types":                   {`{"kind":1,"notes":true,"tags":"x","addresses":{}}`, []string{"/addresses: must be a list, not an object", "/kind: must be text, not a number", "/notes: must be text, not true or false", "/tags: must be a list, not text"}},
		"inside of lists":               {`{"tags":["a",null,3],"addresses":[{"city":1,"zip":"x"},"y",null]}`, []string{"/addresses/0/city: must be text, not a number", "/addresses/0/zip: there is no such field", "/addresses/1: must be an object, not text", "/addresses/2: must be an object, not null", "/tags/1: must be text, not null", "/tags/2: must be text, not a number"}},
		"read-only fields are ignored":  {`{"id":1,"fullName":[],"createdAt":{},"updatedAt":null,"score":"x","organization":{"a":1}}`, nil},
		"null is absent":                {`{"firstName":null,"tags":null,"addresses":null,"kind":null,"addresses":null}`, nil},
		"an unknown field that is null": {`{"nope":null}`, []string{"/nope: there is no such field"}},
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			require.NoError(t, json.Unmarshal([]byte(test.body), &v))
			_, fieldErrors := ContactFromJSON(v)
			var got []string
			for _, e := range fieldErrors.Sorted() {
				got = append(got, e.Pointer+": "+e.Detail)
			}
			require.Empty(t, cmp.Diff(test.want, got))
		})
	}
}

func TestFieldErrorsAreBounded(t *testing.T) {
	object := map[string]any{}
	for i := range 5000 {
		object[fmt.Sprintf("%s%04d", strings.Repeat("é", 4000), i)] = i
	}
	_, fieldErrors := ContactFromJSON(object)
	got := fieldErrors.Sorted()
	require.Len(t, got, maxErrors+1)
	require.Equal(t, "and 4900 more", got[maxErrors].Detail)
	require.LessOrEqual(t, len(got[0].Pointer), 140)
}

func TestCheckAddsTheRules(t *testing.T) {
	c, fieldErrors := ContactFromJSON(mustDecode(t, `{"kind":"person","firstName":7,"email":"nobody","nope":1}`))
	c.Workspace = "default"
	all := fieldErrors.With(c.Validate())
	require.Equal(t, []string{"/emails/0/value", "/firstName", "/nope"}, pointers(all), "a field of the wrong type is reported once")
	require.Len(t, fieldErrors, 2, "With does not change the errors it gets")
}

func TestTreeIsReadBack(t *testing.T) {
	c := fullContact()
	got, fieldErrors := ContactFromJSON(JSONTree(c))
	require.Empty(t, fieldErrors)
	got.SetVirtual()
	require.Empty(t, cmp.Diff(c, got))
}

// fullContact has a value in each field that clients may set.
func fullContact() grapevine.Contact {
	var c grapevine.Contact
	for _, f := range grapevine.ContactFields {
		switch f.Type {
		case grapevine.TextsField:
			*f.Texts(&c) = []string{"a", "b"}
		case grapevine.RecordsField:
			for i := range 2 {
				f.Records.Append(&c)
				for j, sub := range f.Records.SubFields() {
					*f.Records.Text(&c, i, j) = fmt.Sprint(f.Name, sub.Name, i)
				}
			}
		case grapevine.TextField, grapevine.IDField:
			*f.Text(&c) = f.Name
		}
	}
	c.SetVirtual()
	return c
}

// Every field of a contact's JSON can be sent by a client or is read-only. A new field must be one of
// the two.
func TestNoFieldIsForgotten(t *testing.T) {
	c := fullContact()
	body, err := json.Marshal(grapevine.ListItem{Contact: c, Score: 1, Organization: &grapevine.ExpandedOrganization{Contact: &c}})
	require.NoError(t, err)
	var shown map[string]any
	require.NoError(t, json.Unmarshal(body, &shown))
	known := slices.Clone(ReadOnlyFields)
	for _, f := range grapevine.ContactFields {
		known = append(known, f.Name)
		if f.Shorthand != "" {
			known = append(known, f.Shorthand)
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(shown)), known)
}

func FuzzContact(f *testing.F) {
	f.Add([]byte(`{"firstName":"Ada","tags":["x"],"addresses":[{"city":"London"}],"email":{"$gt":""}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := DecodeJSON(body)
		if err != nil {
			return
		}
		c, fieldErrors := ContactFromJSON(v)
		c.Workspace = "default"
		if len(fieldErrors.With(c.Validate())) > 0 {
			return
		}
		normal := c
		require.Empty(t, FieldErrors(nil).With(c.Validate()), "a normalised contact stays valid")
		require.Empty(t, cmp.Diff(normal, c), "a normalised contact stays as it is")
	})
}

func pointers(fields []grapevine.FieldError) []string {
	got := make([]string, len(fields))
	for i, f := range fields {
		got[i] = f.Pointer
	}
	return got
}

func mustDecode(t *testing.T, body string) any {
	t.Helper()
	v, err := DecodeJSON([]byte(body))
	require.NoError(t, err)
	return v
}
