package transfer

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestVCardIsReadBack(t *testing.T) {
	person := grapevine.Contact{Kind: grapevine.Person, FirstName: "Ada", LastName: "Lovelace", Tags: []string{"a"}}
	person.Name = ""
	person.Addresses = append(person.Addresses, grapevine.Address{Label: "work", City: "d"})
	organization := grapevine.Contact{Kind: grapevine.Organization, Name: "Engines, Ltd", Tags: []string{"x"}}
	var file bytes.Buffer
	require.NoError(t, writeVCard(&file, &person))
	require.NoError(t, writeVCard(&file, &organization))
	golden := filepath.Join("testdata", "contacts.vcf")
	if *update {
		require.NoError(t, os.WriteFile(golden, file.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), file.String())

	lines, fieldErrors := readAll(readVCards, file.Bytes())
	require.Empty(t, fieldErrors)
	require.Len(t, lines, 2)
	// A semicolon inside a component is lost, and a vCard has no owner.
	person.Addresses[0].Street = "1, Main, St"
	ignored := cmpopts.IgnoreFields(grapevine.Contact{}, "ID", "CreatedAt", "UpdatedAt", "Owner")
	require.Empty(t, cmp.Diff(person, lines[0].contact, ignored))
	require.Empty(t, cmp.Diff(organization, lines[1].contact, ignored, cmpopts.EquateEmpty()))
}

func TestReadVCards(t *testing.T) {
	card := func(lines ...string) string {
		return "BEGIN:VCARD\r\nVERSION:4.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
	}
	for name, test := range map[string]struct {
		file string
		want grapevine.Contact
	}{
		"folded, and what is preferred": {
			card("FN:Ada Lovelace", "N:Love", " lace;Ada;;;", "EMAIL:second@example.com", "EMAIL;PREF=1:first@example.com", "TEL;VALUE=uri:tel:+4930"),
			grapevine.Contact{Kind: grapevine.Person, FirstName: "Ada", LastName: "Lovelace", Email: "first@example.com", Phone: "+4930"},
		},
		"one name":             {card("FN:Prince"), grapevine.Contact{Kind: grapevine.Person, FirstName: "Prince"}},
		"a last name alone":    {card("N:Prince;;;;", "FN:Prince"), grapevine.Contact{Kind: grapevine.Person, FirstName: "Prince"}},
		"an organization":      {card("KIND:org", "FN:Engines"), grapevine.Contact{Kind: grapevine.Organization, Name: "Engines"}},
		"named as its company": {card("FN:Engines", "ORG:Engines;Dept"), grapevine.Contact{Kind: grapevine.Organization, Name: "Engines"}},
		"escapes":              {card(`N:Smith\;Jones;Ada`, `NOTE:a\, b\nc`), grapevine.Contact{Kind: grapevine.Person, FirstName: "Ada", LastName: "Smith;Jones", Notes: "a, b\nc"}},
		"categories":           {card("FN:A", "CATEGORIES:x, y", "CATEGORIES:z"), grapevine.Contact{Kind: grapevine.Person, FirstName: "A", Tags: []string{"x", "y", "z"}}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, fieldErrors := readAll(readVCards, []byte(test.file))
			require.Empty(t, fieldErrors)
			require.Len(t, lines, 1)
			require.Empty(t, cmp.Diff(test.want, lines[0].contact))
		})
	}
}

func TestReadVCardsNamesLines(t *testing.T) {
	one := "BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n"
	for file, want := range map[string][]string{
		one + "\n" + one:                        {},
		one + "rubbish\n":                       {"/lines/5"},
		one + "BEGIN:VCARD\nFN:B\n":             {"/lines/5"},
		"BEGIN:VCARD\nFN:B\n" + one:             {"/lines/1"},
		"END:VCARD\n":                           {"/lines/1"},
		strings.Repeat(one, 2) + "firstName\nA": {"/lines/9"},
	} {
		_, fieldErrors := readAll(readVCards, []byte(file))
		require.Equal(t, want, pointers(fieldErrors), file)
	}
	found := Read([]byte(one+"BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"), VCard, "w", 2)
	require.Equal(t, []int{1, 5}, found.Lines)
	require.Equal(t, []string{"/lines/5/firstName"}, pointers(found.Errors.List()))
}

// No text of a contact can end its line and begin another property.
func FuzzVCard(f *testing.F) {
	f.Add("a\r\nEND:VCARD\r\nBEGIN:VCARD", "x;y:z,\\")
	f.Fuzz(func(t *testing.T, a, b string) {
		var file bytes.Buffer
		c := grapevine.Contact{Kind: grapevine.Person, FirstName: a, LastName: b, Notes: b, Tags: []string{a}, Addresses: []grapevine.Address{{Label: a, City: b}}}
		require.NoError(t, writeVCard(&file, &c))
		require.Equal(t, 1, strings.Count("\n"+strings.ReplaceAll(file.String(), "\r\n", "\n"), "\nEND:VCARD\n"), file.String())
		for line := range strings.SplitSeq(strings.TrimSuffix(file.String(), "\r\n"), "\r\n") {
			require.NotContains(t, line, "\n")
			require.Contains(t, line, ":")
		}
	})
}
