package grapevine

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDisplayName(t *testing.T) {
	for want, c := range map[string]Contact{
		"Ada Lovelace": {Kind: Person, FirstName: "Ada", LastName: "Lovelace", Name: "not this"},
		"Ada":          {Kind: Person, FirstName: "Ada"},
		"Lovelace":     {Kind: Person, LastName: "Lovelace"},
		"Acme":         {Kind: Organization, Name: "Acme", FirstName: "not", LastName: "this"},
		"Grace Hopper": {Kind: Organization, FirstName: "Grace", LastName: "Hopper"},
		"Nameless":     {Name: "Nameless"},
		"":             {Kind: Person},
	} {
		require.Equal(t, want, c.DisplayName())
	}
}

var (
	workspaceID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	objectID    = regexp.MustCompile(`^[0-9a-f]{24}$`)
)

// The two functions agree with the contract's expressions. They run for every request and change, so they use no
// regular expression themselves.
func FuzzValidIDs(f *testing.F) {
	for _, s := range []string{
		"", "-", "a", "default", "a-", "A", "a_b", "ä", "a\n", "a\x00", strings.Repeat("a", 63), strings.Repeat("a", 64),
		"507f1f77bcf86cd799439011", "507F1F77BCF86CD799439011", "507f1f77bcf86cd79943901", "507f1f77bcf86cd7994390112", "507f1f77bcf86cd79943901g",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// Go's $ matches only at the end of the text, so a trailing newline does not pass.
		require.Equal(t, workspaceID.MatchString(s), ValidWorkspace(s), "%q", s)
		require.Equal(t, objectID.MatchString(s), ValidID(s), "%q", s)
	})
}

func TestContactInJSONHasListsAndNoEmptyTexts(t *testing.T) {
	text, err := json.Marshal(Contact{Tags: []string{}, Addresses: []Address{}, ETag: `"x"`})
	require.NoError(t, err)
	var read map[string]any
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, []any{}, read["tags"], "an empty list is never null")
	require.Equal(t, []any{}, read["addresses"])
	for _, always := range []string{"id", "workspace", "kind", "fullName", "createdAt", "updatedAt"} {
		require.Contains(t, read, always)
	}
	for _, absent := range []string{"email", "notes", "organizationId", "ETag", "etag"} {
		require.NotContains(t, read, absent)
	}
}
