package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"grapevine"
)

// Formats of a file with contacts.
const (
	FormatVCard     = "vcard"
	FormatTable     = "csv"
	FormatJSONLines = "ndjson"
)

// formatNames end the sentence "the file holds".
var formatNames = map[string]string{FormatVCard: "vCards", FormatTable: "a table", FormatJSONLines: "JSON lines"}

// How a file of another kind becomes one that can be read.
const (
	unpackIt      = "Unpack it, and import the file inside"
	saveAsCSV     = "Open it in its program, and save it as CSV"
	exportAgain   = "Export the contacts again, as vCard or CSV"
	oneObjectLine = "Send JSON lines: each contact is one object on a line of its own, with no brackets around the objects and no commas between them. The command jq -c 'if type == \"array\" then .[] else . end' FILE > FILE.ndjson writes them"
)

// foreignFiles are files that hold no contacts that can be read, by their first bytes.
var foreignFiles = []struct{ begin, what, remedy string }{
	{"\x1f\x8b", "compressed with gzip", unpackIt},
	{"PK\x03\x04", "a ZIP archive or a workbook, such as Excel's .xlsx", unpackIt + ", or save the workbook as CSV"},
	{"BZh", "compressed with bzip2", unpackIt},
	{"\xfd7zXZ\x00", "compressed with xz", unpackIt},
	{"\x28\xb5\x2f\xfd", "compressed with zstd", unpackIt},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", unpackIt},
	{"Rar!", "a RAR archive", unpackIt},
	{"\xd0\xcf\x11\xe0", "a document of Microsoft Office, such as .xls", saveAsCSV},
	{"!BDN", "a mailbox of Outlook (.pst)", "In Outlook, export the contacts as CSV"},
	{"SQLite format 3\x00", "an SQLite database", exportAgain},
	{"%PDF", "a PDF document", exportAgain},
	{"{\\rtf", "a text with formatting (RTF)", saveAsCSV},
	{"\x89PNG", "an image", exportAgain},
	{"\xff\xd8\xff", "an image", exportAgain},
	{"bplist", "a property list of Apple", exportAgain},
}

var (
	beginsVCard    = regexp.MustCompile(`(?im)^[ \t"\x{FEFF}]*BEGIN[ \t]*:[ \t]*VCARD[ \t"]*(?:\r|$)`)
	ownTable       = regexp.MustCompile(`^[^\r\n]*[,;\t]"?Grapevine"?[,;\t]*(?:\r|\n|$)`)
	brokenJSON     = regexp.MustCompile(`^\{[ \t]*\r?\n\s*"`) // the first line holds no whole object
	jsonArray      = regexp.MustCompile(`^\[\s*(?:[{\[\]]|"[^"\n]*"\s*[,\]]|null|$)`)
	beginsCalendar = regexp.MustCompile(`(?i)^BEGIN[ \t]*:[ \t]*VCALENDAR`)
	beginsLDIF     = regexp.MustCompile(`(?i)^(?:#.*\r?\n|\s)*(?:version:\s*\d+\s+(?:#.*\r?\n|\s)*)?dn::?[ \t]`)
)

// findFormat looks at the beginning of a file. A [grapevine.Error] says what other kind of file it is.
func findFormat(open func() (io.ReadCloser, error), encoding textEncoding) (string, error) {
	file, err := open()
	if err != nil {
		return "", err
	}
	sample := make([]byte, sampleBytes)
	n, err := io.ReadFull(file, sample)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("read the beginning of the file: %w", err)
	}
	raw := sample[:n]
	for _, foreign := range foreignFiles {
		if bytes.HasPrefix(raw, []byte(foreign.begin)) {
			return "", notContacts(foreign.what, foreign.remedy)
		}
	}
	text, err := io.ReadAll(encoding.reader(bytes.NewReader(raw)))
	if err != nil {
		return "", fmt.Errorf("decode the beginning of the file: %w", err)
	}
	return formatOf(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))))
}

// formatOf decides by a text that begins with a character that is no blank.
func formatOf(text []byte) (string, error) {
	switch {
	case len(text) == 0:
		return "", &grapevine.Error{Code: grapevine.Invalid, Message: "The file is empty. Choose the file that the other program has exported."}
	case holdsVCard(text):
		return FormatVCard, nil
	case beginsCalendar.Match(text):
		return "", notContacts("a calendar (iCalendar)", exportAgain)
	case beginsLDIF.Match(text):
		return "", notContacts("an LDIF file", exportAgain)
	case brokenJSON.Match(text):
		return "", notContacts("JSON whose objects go over several lines", oneObjectLine)
	case text[0] == '{':
		return FormatJSONLines, nil
	case jsonArray.Match(text):
		return "", notContacts("a JSON array", oneObjectLine)
	case text[0] == '<':
		return "", notContacts("HTML or XML", exportAgain)
	case isBinary(text):
		return "", notContacts("not a text", exportAgain)
	}
	return FormatTable, nil
}

// holdsVCard reports whether a vCard begins in a text. Other text may stand before it, but a card within a cell of a table is
// a value.
func holdsVCard(text []byte) bool {
	at := beginsVCard.FindIndex(text)
	switch {
	case at == nil:
		return false
	case at[0] == 0:
		return true
	}
	return bytes.Count(text[:at[0]], []byte(`"`))%2 == 0 && !ownTable.Match(text)
}

func notContacts(what, remedy string) error {
	return &grapevine.Error{Code: grapevine.Invalid, Message: "The file is " + what + ". " + remedy + "."}
}

// isBinary reports whether one character in twenty is a control character that no text has.
func isBinary(text []byte) bool {
	controls := 0
	for _, b := range text {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\v' && b != '\f' {
			controls++
		}
	}
	return controls > len(text)/20
}
