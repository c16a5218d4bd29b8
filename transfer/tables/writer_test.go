package tables_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/transfer/tables"
)

// nasty are texts that a table or a program could misread.
var nasty = []string{
	"a", "Lena", "é", "e\u0301", "山田", "👩‍👩‍👧", "שלום", "\u2067שלום\u2069", ";", ",", "|", "\\", "\\n", `"`, `""`, `",`, "'", "''", "=1+1", "=", "+", "-", "@",
	"＝", "'=x", "''+", "+49 (0) 555/01-50", "-1", "--04-12", " ::: ", ":::", "* ", "* myContacts", "http://", "sep=;", "\ufeff", " ", "\t", "\u00a0",
	"\u200b", "\u2028", "<", ">", "&", "{}", "[", "null", `="0123"`, "0123", "n/a", "myContacts", "birthday", "Name", "\\.", "#",
}

func nastyText(r *rand.Rand, lines bool) string {
	var text strings.Builder
	for range 1 + r.IntN(4) {
		text.WriteString(nasty[r.IntN(len(nasty))])
		if lines && r.IntN(4) == 0 {
			text.WriteString([]string{"\n", "\n\n", "\n\""}[r.IntN(3)])
		}
	}
	return text.String()
}

func nastyContact(r *rand.Rand) grapevine.Contact {
	c := grapevine.NewContact()
	for _, f := range grapevine.ContactFields {
		if r.IntN(3) == 0 {
			continue
		}
		switch f.Type {
		case grapevine.TextField:
			*f.Text(&c) = nastyText(r, f.Controls != "")
		case grapevine.TextsField:
			for range r.IntN(4) {
				*f.Texts(&c) = append(*f.Texts(&c), nastyText(r, false))
			}
		case grapevine.RecordsField:
			for i := range r.IntN(9) {
				f.Records.Append(&c)
				for j, sub := range f.Records.SubFields() {
					text := nastyText(r, sub.Controls != "")
					switch {
					case f.Name == "emails" && sub.Name == "value":
						text = strings.Join(strings.Fields(strings.ReplaceAll(text, "@", "")+"@example.com"), "")
					case f.Name == "dates" && sub.Name == "value":
						text = []string{"1984-05-06", "--02-29"}[r.IntN(2)]
					case sub.Name == "label" && r.IntN(3) == 0:
						text = []string{"", "birthday", "work"}[r.IntN(3)]
					}
					*f.Records.Text(&c, i, j) = text
				}
			}
		case grapevine.IDField:
			*f.Text(&c) = "000000000000000000000001"
		}
	}
	c.Workspace, c.Kind = "default", []grapevine.Kind{grapevine.Person, grapevine.Organization}[r.IntN(2)]
	return c
}

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
		c := nastyContact(r)
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
