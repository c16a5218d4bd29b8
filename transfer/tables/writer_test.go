package tables_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/transfer/record/recordtest"
	"grapevine/transfer/tables"
)

func readAll(t *testing.T, file string, options tables.Options) (contacts []grapevine.Contact, r *tables.Reader) {
	t.Helper()
	r, err := tables.NewReader(strings.NewReader(file), options)
	require.NoError(t, err)
	for _, row := range rows(t, r) {
		contacts = append(contacts, row.Contact)
	}
	return contacts, r
}

func TestOwnTableComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 4)) //nolint:gosec // the same contacts each time
	var written []grapevine.Contact
	var file strings.Builder
	require.NoError(t, tables.WriteHead(&file))
	for len(written) < 3000 {
		c := recordtest.NastyContact(r)
		if c.Validate() != nil {
			continue
		}
		written = append(written, c)
		require.NoError(t, tables.Write(&file, &c))
	}
	read, reader := readAll(t, file.String(), tables.Options{})
	require.Len(t, read, len(written))
	require.Equal(t, tables.Column{Title: "First Name", Field: "firstName"}, reader.Columns()[0])
	for i := range written {
		read[i].Workspace = written[i].Workspace
		require.Empty(t, cmp.Diff(written[i], read[i]))
		require.NoError(t, read[i].Validate())
	}
}

func TestOwnTableOfLargestContact(t *testing.T) {
	c := grapevine.NewContact()
	c.Workspace, c.Kind, c.Notes = "default", grapevine.Person, strings.Repeat("=\"\n", 5000)+"."
	for range grapevine.MaxEntries {
		c.Phones = append(c.Phones, grapevine.Entry{Label: strings.Repeat("l", grapevine.MaxLabel), Value: strings.Repeat("5", grapevine.MaxPhone)})
		c.Dates = append(c.Dates, grapevine.Entry{Label: "birthday", Value: "--01-01"}, grapevine.Entry{Value: "2000-01-01"})
	}
	c.Dates = c.Dates[1 : grapevine.MaxEntries+1]
	require.NoError(t, c.Validate())
	var file strings.Builder
	require.NoError(t, tables.WriteHead(&file))
	require.NoError(t, tables.Write(&file, &c))
	read, _ := readAll(t, file.String(), tables.Options{})
	read[0].Workspace = c.Workspace
	require.Empty(t, cmp.Diff([]grapevine.Contact{c}, read))
}

func TestWrite(t *testing.T) {
	c := grapevine.NewContact()
	c.Kind, c.FirstName, c.LastName, c.Nickname = grapevine.Person, "Ada", "Lovelace", "=cmd()"
	c.Phones = []grapevine.Entry{{Label: "work", Value: "+49 555 0150"}, {Value: "-1 (2)"}}
	c.Tags = []string{"a", "b c"}
	var file strings.Builder
	require.NoError(t, tables.WriteHead(&file))
	head := file.String()
	require.True(t, strings.HasPrefix(head, "\ufeffFirst Name,Middle Name,Last Name,"), head)
	require.True(t, strings.HasSuffix(head, ",Birthday,Grapevine\r\n"), head)
	file.Reset()
	require.NoError(t, tables.Write(&file, &c))
	require.Contains(t, file.String(), `,"'=cmd()",`)
	require.Contains(t, file.String(), ",work,+49 555 0150,,-1 (2),")
	require.Contains(t, file.String(), ",a ::: b c,")
	require.True(t, strings.HasSuffix(file.String(), ",\r\n"), "nothing is left for the last column")

	t.Run("a person changed it", func(t *testing.T) {
		row := strings.Replace(strings.Replace(file.String(), "Ada", "Eve", 1), "-1 (2)", "", 1)
		read, _ := readAll(t, strings.Replace(head, "\r\n", ",Shoe size\r\n", 1)+strings.Replace(row, ",\r\n", ",{,38\r\n", 1), tables.Options{})
		require.Equal(t, "Eve", read[0].FirstName)
		require.Equal(t, c.Phones[:1], read[0].Phones)
		require.Equal(t, []grapevine.Entry{{Label: "Shoe size", Value: "38"}}, read[0].Custom)
	})
}
