// Package transfer reads and writes contacts in the formats that people and programs exchange: JSON,
// JSON lines, CSV and vCard. It is pure: bytes in, contacts out, and back. It knows no server.
package transfer

import "strconv"

// Media types of the files that [Read] reads.
const (
	CSV       = "text/csv"
	VCard     = "text/vcard"
	JSONLines = "application/x-ndjson"
)

// reader hands each contact of a file to found until that returns false. Errors of the file itself go to fileErrors.
type reader func(body []byte, found func(line) bool, fileErrors *FileErrors)

var readers = map[string]reader{
	CSV: readTable, VCard: readVCards, JSONLines: readJSONLines,
}

// Read reads a file of the given media type, one of the constants above, into at most maxContacts contacts of the
// workspace. Each contact is validated and normalised. The pointers of errors begin with the line, such as
// /lines/3/email.
func Read(body []byte, media, workspace string, maxContacts int) File {
	into := collector{workspace: workspace, max: maxContacts}
	readers[media](body, into.add, &into.Errors)
	return into.File
}

// LinePointer is the JSON pointer of a line of a file, from 1.
func LinePointer(number int) string { return "/lines/" + strconv.Itoa(number) }
