package transfer_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/transfer"
)

// different is a text of about n bytes that repeats a format with a number that is another each time.
func different(n int, format string) string {
	var text strings.Builder
	for i := 0; text.Len() < n; i++ {
		text.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return text.String()
}

// The time that a row takes is linear in its size, whatever the row holds. Each value is another one, because what repeats is
// found at once.
func TestTimeOfARowIsLinear(t *testing.T) {
	const (
		value = 10_000 // bytes; a value of a card may be larger
		row   = 15_000 // a row may be larger
	)
	card := func(lines string) string {
		return "BEGIN:VCARD\nVERSION:3.0\nN:Lovelace;Ada;;;\n" + lines + "\nEND:VCARD\n"
	}
	for name, test := range map[string]struct {
		size int
		file func(n int) string
	}{
		"tags of a card":     {value, func(n int) string { return card("CATEGORIES:" + different(n, "%d,")) }},
		"semicolons in tags": {value, func(n int) string { return card("CATEGORIES:" + different(n, "%d;")) }},
		"nicknames":          {value, func(n int) string { return card("NICKNAME:" + different(n, "%d,")) }},
		"e-mails in one":     {value, func(n int) string { return card("EMAIL;TYPE=" + different(n, "x%d") + ":" + different(n, "%d@x,")) }},
		"words of names":     {value, func(n int) string { return card("N:" + different(n, "%d ") + "\nFN:" + different(n, "%d ") + "x") }},
		"components of N":    {value, func(n int) string { return card("FN:a\nN:" + different(n, "%d;")) }},
		"suffixes of a name": {value, func(n int) string { return "BEGIN:VCARD\nFN:Ada" + strings.Repeat(", Jr", n/4) + "\nEND:VCARD\n" }},
		"components of ADR":  {value, func(n int) string { return card("ADR:;;" + different(n, "%d ") + ";" + different(n, "%d;")) }},
		"words of addresses": {value, func(n int) string { return card("ADR;LABEL=\"" + different(n, "%d ") + "x\":;;" + different(n, "%d ")) }},
		"extensions":         {value, func(n int) string { return card("TEL:tel:1" + different(n, ";ext=%d;phone-context=+%d")) }},
		"directions": {value, func(n int) string {
			return card("NOTE:" + strings.Repeat("\u202a", n/6) + strings.Repeat("\u2069", n/6))
		}},
		"blanks and soft breaks": {value, func(n int) string {
			return card("NOTE;QUOTED-PRINTABLE:x" + strings.Repeat(" ", 400_000) + strings.Repeat("=\n", n))
		}},
		"a label of many": {row / 2, func(n int) string {
			return card("item1.X-ABLABEL:" + different(n/2, "%d") + "\n" + different(n/2, "item1.EMAIL:%d@x\n"))
		}},
		"our own label of many": {row / 2, func(n int) string {
			return card("PRODID:-//Grapevine//Contacts//EN\nitem1.X-ABLABEL:" + different(n/2, "%d") + "\n" + different(n/2, "item1.TEL:%d\n"))
		}},
		"custom properties": {row / 4, func(n int) string { return card(different(n, "X-A%d:%d\n")) }},
		"addresses":         {row / 4, func(n int) string { return card(different(n, "ADR:;;%d Street\n")) }},
		"labels of addresses": {row / 4, func(n int) string {
			return card(different(n/2, "ADR;TYPE=x%d:;;%d\n") + different(n/2, "LABEL;TYPE=x%d:%d y\n"))
		}},
		"notes of a card": {row / 4, func(n int) string { return card(different(n, "NOTE:%d\n")) }},
		"full names":      {row / 4, func(n int) string { return card(different(n, "FN:%d a\n")) }},
		"related, dates": {row / 4, func(n int) string {
			return card(different(n/2, "RELATED;VALUE=text:%d\n") + different(n/2, "X-ABDATE:%d\n"))
		}},
		"groups of one member": {row / 4, func(n int) string {
			return different(n, "BEGIN:VCARD\nKIND:group\nFN:%d\nMEMBER:1\nEND:VCARD\n") + strings.Repeat("BEGIN:VCARD\nFN:a\nUID:1\nEND:VCARD\n", n/40)
		}},

		"tags of a row":    {row, func(n int) string { return "firstName,tags\nA,\"" + different(n, "%d,") + "\"\n" }},
		"e-mails of a row": {row, func(n int) string { return "firstName,email,notes\nA,\"" + different(n, "%d@x;") + "\",b\n" }},
		"wrong e-mails":    {row, func(n int) string { return "firstName,email,notes\nA,\"" + different(n, "%d;") + "\",b\n" }},
		"preferred entries": {row, func(n int) string {
			return "firstName,Relation 1 - Type,Relation 1 - Value\nA,* x,\"" + different(n, "%d;") + "\"\n"
		}},
		"a label of a row": {row, func(n int) string {
			return "firstName,Relation 1 - Type,Relation 1 - Value\nA," + different(n/2, "%d") + ",\"" + different(n/2, "%d;") + "\"\n"
		}},
		"phones, dates, URLs": {row, func(n int) string {
			return "phone,birthday,url\n\"" + different(n/3, "%d;") + "\",\"" + different(n/3, "%d;") + "\",\"" + different(n/3, "www.%d ") + "\"\n"
		}},
		"breaks in cells": {row, func(n int) string { return "firstName,lastName\n\"a" + strings.Repeat("\n\",\"", n/4) + "\n" }},
		"quotes":          {row, func(n int) string { return "firstName,lastName\n" + strings.Repeat("\"a\" \"", n/5) + "\n" }},
		"10,000 columns":  {row / 2, func(n int) string { return different(n, "t%d,") + "\n" + different(n, "%d,") + "\n" }},
		"columns of a street": {row, func(n int) string {
			return strings.Repeat("Street,", 900) + "\n" + strings.Repeat("\""+different(n/900, "%d\n")+"\",", 900) + "\n"
		}},
		"a title in every row": {value, func(n int) string { return "firstName," + different(n, "%d") + "\n" + strings.Repeat("A,b\n", n/100) }},
		"titles": {value / 4, func(n int) string {
			return strings.Repeat("Business Street Address Phone,", n/30) + "\n" + strings.Repeat("a,", n/30) + "\n"
		}},
		"words of a full name": {row, func(n int) string { return "Full Name\n" + strings.Repeat("van ", n/4) + "x\n" }},
		"cells of our own": {row, func(n int) string {
			return "First Name,Labels,Grapevine\nA,a" + different(n/2, " ::: %d") + "," + different(n/2, "x,%d") + "\n"
		}},
		"tags of JSON": {row, func(n int) string { return `{"firstName":"A","tags":[` + different(n, `"%d",`) + `""]}` + "\n" }},
		"entries of JSON": {row, func(n int) string {
			return `{"firstName":"A","emails":[` + different(n, `{"label":"%d","value":"%d"},`) + `""]}` + "\n"
		}},
		"members of JSON": {row, func(n int) string { return "{" + different(n, `"a%d":"%d",`) + `"firstName":"A"}` + "\n" }},
		"parts of a JSON entry": {row, func(n int) string {
			return `{"firstName":"A","emails":[{` + different(n, `"a%d":"%d",`) + `"value":"a@b"}]}` + "\n"
		}},
		"a list in JSON": {row, func(n int) string {
			return `{"firstName":"A","x":` + strings.Repeat("[", 15) + different(n, `%d,`) + "0" + strings.Repeat("]", 15) + "}\n"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[int]string{}
			realtest.RequireLinear(t, test.size, func(n int) {
				if files[n] == "" {
					files[n] = test.file(n)
				}
				require.Positive(t, readAll(t, files[n]))
			})
		})
	}
}

// readAll reads a file to its end. It returns how many rows there are.
func readAll(t *testing.T, text string) (found int) {
	t.Helper()
	file, err := transfer.Open(func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }, transfer.Options{Workspace: "default"})
	require.NoError(t, err)
	for {
		row, err := file.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		require.Less(t, len(row.Notes), 200)
		found++
	}
}
