package vcards_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/transfer/record/recordtest"
	"grapevine/transfer/vcards"
)

func written(t testing.TB, c *grapevine.Contact, version vcards.Version) string {
	t.Helper()
	var file strings.Builder
	require.NoError(t, vcards.Write(&file, c, version))
	return file.String()
}

func TestOwnCardsComeBack(t *testing.T) {
	for _, version := range []vcards.Version{vcards.V3, vcards.V4} {
		r := rand.New(rand.NewPCG(18, 6)) //nolint:gosec // the same contacts each time
		var all []grapevine.Contact
		var file strings.Builder
		for len(all) < 500 {
			c := recordtest.NastyContact(r)
			if c.Validate() != nil {
				continue
			}
			all = append(all, c)
			file.WriteString(written(t, &c, version))
		}
		for line := range strings.SplitSeq(file.String(), "\r\n") {
			require.LessOrEqual(t, len(line), 75)
		}
		read := rows(t, file.String())
		require.Len(t, read, len(all))
		for i, row := range read {
			row.Contact.Workspace = all[i].Workspace
			require.Empty(t, row.Notes)
			require.Empty(t, cmp.Diff(all[i], row.Contact), written(t, &all[i], version))
		}
	}
}

func TestLargestCardComesBack(t *testing.T) {
	c := grapevine.NewContact()
	c.Workspace, c.Kind, c.Notes = "default", grapevine.Person, strings.Repeat(",\\;\n", 4000)+"."
	for range grapevine.MaxEntries {
		c.Phones = append(c.Phones, grapevine.Entry{Label: strings.Repeat("l", grapevine.MaxLabel), Value: strings.Repeat("5", grapevine.MaxPhone)})
		c.Dates = append(c.Dates, grapevine.Entry{Label: "birthday", Value: "--01-01"})
	}
	require.NoError(t, c.Validate())
	row := rows(t, written(t, &c, vcards.V4))[0]
	row.Contact.Workspace = c.Workspace
	require.Empty(t, cmp.Diff(c, row.Contact))
}

// The golden files show what other programs get.
func TestWrite(t *testing.T) {
	person := grapevine.Contact{
		ID: "64b000000000000000000001", Kind: grapevine.Person, Prefix: "Dr.", FirstName: "Ada", LastName: "Lovelace", Nickname: "Countess",
		Company: "Engines, Ltd", Department: "Research", Title: "Analyst",
		Emails:    []grapevine.Entry{{Label: "work", Value: "ada@engines.example"}, {Label: "Newsletter", Value: "list@engines.example"}},
		Phones:    []grapevine.Entry{{Label: "mobile", Value: "+44 555 0101"}, {Label: "work fax", Value: "+44 555 0102"}},
		URLs:      []grapevine.Entry{{Value: "https://engines.example/a,b;c"}},
		Addresses: []grapevine.Address{{Label: "home", Street: "12 St James's Square\nFlat 2", City: "London", PostalCode: "SW1Y", Country: "England"}},
		Dates:     []grapevine.Entry{{Label: "birthday", Value: "1815-12-10"}, {Label: "anniversary", Value: "--07-08"}, {Label: "first program", Value: "1843-09-01"}},
		Related:   []grapevine.Entry{{Label: "spouse", Value: "William King"}, {Label: "mentor", Value: "Mary Somerville"}},
		Custom:    []grapevine.Entry{{Label: "skype", Value: "ada"}}, Tags: []string{"math", "a,b"}, Notes: "First line\nSecond; line", Owner: "Charles",
	}
	person.UpdatedAt = grapevine.Time{Time: time.Date(2026, time.April, 12, 8, 0, 0, 0, time.UTC)}
	organization := grapevine.Contact{ID: "64b000000000000000000002", Kind: grapevine.Organization, Name: "Engines, Ltd", Department: "HQ", Company: "Holding", UID: "urn:uuid:1"}
	for version, golden := range map[vcards.Version]string{vcards.V3: "own-3.0.golden", vcards.V4: "own-4.0.golden"} {
		realtest.RequireGolden(t, golden, written(t, &person, version)+written(t, &organization, version))
	}
}

// A person may edit a file, or another program add to it.
func TestEditedOwnCard(t *testing.T) {
	c := grapevine.NewContact()
	c.Kind, c.FirstName = grapevine.Person, "Ada"
	file := strings.Replace(written(t, &c, vcards.V3), "END:", "EMAIL;TYPE=HOME,PREF:a@b\r\nX-SKYPE:ada\r\nPHOTO;ENCODING=b:AAAA\r\nEND:", 1)
	row := rows(t, file)[0]
	require.Equal(t, "1; firstName=Ada; emails=home|a@b; custom=skype|ada; notes: 1", recordtest.Brief(row))
}

// No text of a contact can end its line and begin another property.
func FuzzWrite(f *testing.F) {
	f.Add("a\r\nEND:VCARD\r\nBEGIN:VCARD", "x;y:z,\\")
	f.Fuzz(func(t *testing.T, a, b string) {
		c := grapevine.Contact{
			Kind: grapevine.Person, FirstName: a, LastName: b, Notes: b, Tags: []string{a}, UID: a,
			Addresses: []grapevine.Address{{Label: a, City: b}}, URLs: []grapevine.Entry{{Label: b, Value: a}}, Dates: []grapevine.Entry{{Label: a, Value: b}},
		}
		for _, version := range []vcards.Version{vcards.V3, vcards.V4} {
			file := written(t, &c, version)
			require.Equal(t, 1, strings.Count(file, "\r\nEND:VCARD\r\n"), file)
			require.Equal(t, strings.Count(file, "\n"), strings.Count(file, "\r\n"), file)
			require.Equal(t, strings.Count(file, "\r"), strings.Count(file, "\r\n"), file)
			for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(file, "\r\n ", ""), "\r\n"), "\r\n") {
				require.Contains(t, line, ":")
			}
		}
	})
}
