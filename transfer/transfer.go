// Package transfer reads and writes contacts in the formats that people and programs exchange: JSON,
// JSON lines, CSV and vCard. It is pure: bytes in, contacts out, and back. It knows no server.
package transfer

import (
	"io"
	"strconv"

	"grapevine"
)

// Media types of the files that [Read] reads.
const (
	CSV       = "text/csv"
	VCard     = "text/vcard"
	JSONLines = "application/x-ndjson"
)

var readers = map[string]func([]byte) ([]line, FieldErrors){
	CSV: readCSV, VCard: readVCards, JSONLines: readJSONLines,
}

// Read reads a file of the given media type, one of the constants above, into contacts of the
// workspace. Each contact is validated and normalised. lines holds the line on which each contact
// begins, from 1. The pointers of fieldErrors begin with the line, such as /lines/3/email.
func Read(body []byte, media, workspace string) (contacts []grapevine.Contact, lines []int, fieldErrors FieldErrors) {
	found, fieldErrors := readers[media](body)
	for _, l := range found {
		c := l.contact
		c.Workspace = workspace
		switch {
		case c.Kind != "":
		case c.FirstName == "" && c.Name != "":
			c.Kind = grapevine.Organization
		default:
			c.Kind = grapevine.Person
		}
		for _, f := range l.fieldErrors.With(c.Validate()) {
			fieldErrors.Add(LinePointer(l.number)+f.Pointer, f.Detail)
		}
		contacts, lines = append(contacts, c), append(lines, l.number)
	}
	return contacts, lines, fieldErrors
}

// LinePointer is the JSON pointer of a line of a file, from 1.
func LinePointer(number int) string { return "/lines/" + strconv.Itoa(number) }

// Format is a file format for exports.
type Format struct {
	MediaType string // with its parameters
	Suffix    string // of the file name, without the dot
	Head      string // text before the first contact
	Write     func(io.Writer, *grapevine.Contact) error
}

// Formats are the export formats by name.
var Formats = map[string]Format{
	"csv":   {MediaType: "text/csv; charset=utf-8; header=present", Suffix: "csv", Head: csvHead(), Write: writeCSV},
	"vcard": {MediaType: "text/vcard; charset=utf-8", Suffix: "vcf", Write: writeVCard},
}
