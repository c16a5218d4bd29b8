package grapevine

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// A dangling reference is null. A reference that the query does not expand is absent.
func TestExpandedInJSON(t *testing.T) {
	organization := Contact{ID: "507f1f77bcf86cd799439011", Kind: Organization, Name: "Acme", FullName: "Acme", Tags: []string{}, Addresses: []Address{}}
	for name, c := range map[string]struct {
		item ListItem
		want string
	}{
		"not expanded": {ListItem{}, ""},
		"dangling":     {ListItem{Organization: &ExpandedOrganization{}}, "null"},
		"exists":       {ListItem{Organization: &ExpandedOrganization{&organization}}, "Acme"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(c.item)
			require.NoError(t, err)
			var read map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(text, &read))
			got, there := read["organization"]
			require.Equal(t, c.want != "", there)
			require.Contains(t, string(got), c.want)
		})
	}
}
