package grapevine_test

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// serverFields are the fields of a contact that only the server sets.
var serverFields = []string{"id", "fullName", "email", "phone", "createdAt", "updatedAt"}

func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func fieldNames() (names []string) {
	for _, f := range grapevine.ContactFields {
		names = append(names, f.Name)
	}
	return names
}

func TestEveryFieldOfAContactIsInTheTable(t *testing.T) {
	require.ElementsMatch(t, jsonNames(reflect.TypeFor[grapevine.Contact]()), append(fieldNames(), serverFields...))
	for _, f := range grapevine.ContactFields {
		if f.Type != grapevine.RecordsField {
			continue
		}
		record := reflect.TypeFor[grapevine.Entry]()
		if f.Name == "addresses" {
			record = reflect.TypeFor[grapevine.Address]()
		} else {
			require.Equal(t, "value", f.Records.SubFields()[grapevine.EntryValue].Name)
		}
		var parts []string
		for _, part := range f.Records.SubFields() {
			parts = append(parts, part.Name)
		}
		require.ElementsMatch(t, jsonNames(record), parts)
	}
}

// The accessors of a row belong to the struct's field with the row's name.
func TestAccessorsOfTheTable(t *testing.T) {
	for _, f := range grapevine.ContactFields {
		require.Same(t, f, grapevine.FieldNamed(f.Name))
		c := grapevine.NewContact()
		require.True(t, f.Empty(&c), f.Name)
		empty := c.Clone()
		switch f.Type {
		case grapevine.TextField, grapevine.IDField:
			*f.Text(&c) = "set"
		case grapevine.TextsField:
			require.NotNil(t, *f.Texts(&c))
			*f.Texts(&c) = []string{"set"}
			require.Positive(t, f.MaxEntries)
		case grapevine.RecordsField:
			f.Records.Append(&c)
			for j := range f.Records.SubFields() {
				*f.Records.Text(&c, 0, j) = "set"
			}
			require.Positive(t, f.MaxEntries)
		}
		require.False(t, f.Empty(&c), f.Name)
		require.False(t, f.Equal(&c, &empty), f.Name)
		clone := c.Clone()
		require.True(t, f.Equal(&c, &clone), f.Name)
		for _, other := range grapevine.ContactFields {
			if other != f {
				require.True(t, other.Empty(&c), "%s sets %s", f.Name, other.Name)
			}
		}
		body, err := json.Marshal(c)
		require.NoError(t, err)
		var shown map[string]any
		require.NoError(t, json.Unmarshal(body, &shown))
		switch f.Type {
		case grapevine.TextField, grapevine.IDField:
			require.Equal(t, "set", shown[f.Name])
		case grapevine.TextsField:
			require.Equal(t, []any{"set"}, shown[f.Name])
		case grapevine.RecordsField:
			record := map[string]any{}
			for _, part := range f.Records.SubFields() {
				record[part.Name] = "set"
			}
			require.Equal(t, []any{record}, shown[f.Name])
		}
	}
}

func TestCloneSharesNoList(t *testing.T) {
	c := grapevine.Contact{Tags: []string{"a"}, Addresses: []grapevine.Address{{City: "Bern"}}}
	clone := c.Clone()
	clone.Tags[0], clone.Addresses[0].City = "b", "Basel"
	require.Equal(t, grapevine.Contact{Tags: []string{"a"}, Addresses: []grapevine.Address{{City: "Bern"}}}, c)
}

// Every object of the two descriptions that describes a contact, or what a client may send of one, lists all fields.
func TestEveryFieldIsInTheDescriptions(t *testing.T) {
	for file, atLeast := range map[string]int{"api/openapi.json": 3, "ws/asyncapi.json": 1} {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		var description any
		require.NoError(t, json.Unmarshal(body, &description))
		found := 0
		eachSchema("", description, func(at string, properties map[string]any) {
			found++
			for _, f := range grapevine.ContactFields {
				if f.Name == "kind" && strings.HasSuffix(at, "/ContactPatch") {
					continue // a contact's kind cannot change
				}
				require.Contains(t, properties, f.Name, "%s%s", file, at)
			}
		})
		require.GreaterOrEqual(t, found, atLeast, file)
	}
}

// The two descriptions of a contact as it is shown have exactly its fields, and each record its parts. A list always is there.
func TestTheDescriptionsOfAContactAreExact(t *testing.T) {
	type schema struct {
		Ref        string            `json:"$ref"`
		Type       any               `json:"type"` // a name, or several
		Items      *schema           `json:"items"`
		Properties map[string]schema `json:"properties"`
		Required   []string          `json:"required"`
	}
	for _, file := range []string{"api/openapi.json", "ws/asyncapi.json"} {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		var description struct {
			Components struct {
				Schemas map[string]schema `json:"schemas"`
			} `json:"components"`
		}
		require.NoError(t, json.Unmarshal(body, &description))
		follow := func(s schema) schema {
			if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
				return description.Components.Schemas[name]
			}
			return s
		}
		contact := follow(schema{Ref: "#/components/schemas/Contact"})
		require.ElementsMatch(t, append(fieldNames(), serverFields...), slices.Collect(maps.Keys(contact.Properties)), file)
		for _, f := range grapevine.ContactFields {
			shown := follow(contact.Properties[f.Name])
			switch f.Type {
			case grapevine.TextField, grapevine.IDField:
				require.Equal(t, "string", shown.Type, "%s %s", file, f.Name)
			case grapevine.TextsField, grapevine.RecordsField:
				require.Equal(t, "array", shown.Type, "%s %s", file, f.Name)
				require.Contains(t, contact.Required, f.Name, file)
			}
			if f.Type == grapevine.RecordsField {
				var parts []string
				for _, part := range f.Records.SubFields() {
					parts = append(parts, part.Name)
				}
				require.ElementsMatch(t, parts, slices.Collect(maps.Keys(follow(*shown.Items).Properties)), "%s %s", file, f.Name)
			}
		}
	}
}

// eachSchema calls do for every object schema with a firstName.
func eachSchema(at string, v any, do func(at string, properties map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		properties, ok := v["properties"].(map[string]any)
		if ok && properties["firstName"] != nil {
			do(at, properties)
		}
		for name, child := range v {
			if ok && name == "anyOf" {
				continue // conditions on the same object
			}
			eachSchema(at+"/"+name, child, do)
		}
	case []any:
		for _, child := range v {
			eachSchema(at, child, do)
		}
	}
}
