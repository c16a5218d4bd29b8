package transfer_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"grapevine/transfer"
	"grapevine/transfer/record"
)

func openText(text, encoding string) (*transfer.File, error) {
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	return transfer.Open(open, transfer.Options{Workspace: "default", Encoding: encoding})
}

func readText(t *testing.T, text, encoding string) (rows []record.Row) {
	t.Helper()
	file, err := openText(text, encoding)
	require.NoError(t, err)
	for {
		row, err := file.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err)
		rows = append(rows, row)
	}
}

// Who sends JSON in another form is told which form is read.
func TestJSONThatIsNotOneObjectALine(t *testing.T) {
	for text, what := range map[string]string{
		"[{\"firstName\":\"Ada\"}]":         "a JSON array",
		"[\n  {\"firstName\":\"Ada\"}\n]\n": "a JSON array",
		"[]":                                "a JSON array",
		"[\"Ada\"]":                         "a JSON array",
		"{\n  \"firstName\": \"Ada\"\n}\n":  "several lines",
		"{ \r\n\"firstName\": \"Ada\"}\r\n{\r\n\"a\":1": "several lines",
	} {
		_, err := openText(text, "")
		require.ErrorContains(t, err, what, text)
		require.ErrorContains(t, err, "one object on a line of its own", text)
	}
	require.Len(t, readText(t, "[old] Name,E-mail\nAda,ada@example.com\n", ""), 1)
}

// An import keeps what the API would refuse.
func TestALineOfJSONIsReadWherePossible(t *testing.T) {
	for line, test := range map[string]struct{ name, note, skipped string }{
		`{"firstName":"A\ud800B"}`:                      {name: "A\ufffdB", note: "half a surrogate pair"},
		`{"firstName":"Al","firstName":"Bo"}`:           {name: "Bo", note: "twice"},
		`{"firstName":"Al","x":` + nested(50) + `}`:     {name: "Al", note: "nests deeper"},
		`{"firstName":"Al"`:                             {skipped: "The JSON of the line breaks off"},
		`{"firstName":"Al"} {"firstName":"Bo"}`:         {skipped: "more after its JSON value"},
		`{"firstName":"Al","x":` + nested(9999) + `}`:   {name: "Al", note: "nests deeper"},
		`{"a":[` + strings.Repeat("1,", 20_000) + `1]}`: {skipped: "more than 10000 values"},
	} {
		rows := readText(t, line+"\n{\"firstName\":\"Last\"}\n", "")
		require.Len(t, rows, 2, "%.80s", line)
		require.Equal(t, "Last", rows[1].Contact.FirstName)
		require.Equal(t, test.name, rows[0].Contact.FirstName, "%.80s", line)
		require.Contains(t, rows[0].Skipped, test.skipped, "%.80s", line)
		if test.note != "" {
			require.NotEmpty(t, rows[0].Notes, "%.80s", line)
			require.Contains(t, rows[0].Notes[0].Note, test.note)
			require.NotContains(t, rows[0].Notes[0].Note, "body")
		}
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// The encoding of a file counts more than the character set that a card names, except for encoded characters.
func TestCharacterSetsOfCardsInDecodedFiles(t *testing.T) {
	card := func(name string) string {
		return "BEGIN:VCARD\r\nVERSION:2.1\r\n" + name + "\r\nEND:VCARD\r\n"
	}
	utf16 := func(text string) string {
		bytes, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		require.NoError(t, err)
		return bytes
	}
	for name, test := range map[string]struct{ file, encoding string }{
		"UTF-16, named by the card":         {utf16(card("N;CHARSET=UTF-16:Łuk;Ań")), ""},
		"UTF-16, another is named":          {utf16(card("N;CHARSET=ISO-8859-2:Łuk;Ań")), ""},
		"UTF-16, with QUOTED-PRINTABLE":     {utf16(card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=81uk;A=C5=84")), ""},
		"given by the person":               {card("N;CHARSET=ISO-8859-2:\xa3uk;A\xf1"), "iso-8859-2"},
		"given, but the card has UTF-8":     {card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=81uk;A=C5=84"), "iso-8859-2"},
		"guessed":                           {card("N;CHARSET=ISO-8859-2:\xa3uk;A\xf1"), ""},
		"guessed, with QUOTED-PRINTABLE":    {card("N;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:=A3uk;A=F1"), ""},
		"UTF-8, named by the card":          {card("N;CHARSET=utf-8:Łuk;Ań"), ""},
		"UTF-8 with a mark, another's name": {"\ufeff" + card("N;CHARSET=UTF-8:Łuk;Ań"), ""},
	} {
		rows := readText(t, test.file, test.encoding)
		require.Len(t, rows, 1, name)
		require.Equal(t, "Ań Łuk", rows[0].Contact.DisplayName(), name)
	}
}

// A table may hold the text of a card, and a card may stand behind other text.
func TestACardInATableIsAValue(t *testing.T) {
	for file, want := range map[string]string{
		"First Name,Notes\nAda,\"from:\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\"\n": transfer.FormatTable,
		"First Name,Notes\nBEGIN:VCARD,x\n":                                 transfer.FormatTable,
		transfer.Formats["csv"].Head + "BEGIN:VCARD\r\n":                    transfer.FormatTable,
		"BEGIN:VCARD\rFN:Ada\rEND:VCARD\r":                                  transfer.FormatVCard,
		"My contacts:\r\nbegin : vcard \r\nFN:Ada\r\nEND:VCARD\r\n":         transfer.FormatVCard,
		"\"BEGIN:VCARD\nFN:Ada\nEND:VCARD\"\n":                              transfer.FormatVCard,
	} {
		opened, err := openText(file, "")
		require.NoError(t, err, file)
		require.Equal(t, want, opened.Format, file)
	}
}
