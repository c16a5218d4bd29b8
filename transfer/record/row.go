// Package record holds what the readers of contact files share: one contact as a file tells it, and rules that do not
// depend on the format. It is pure.
package record

import "grapevine"

// Row is one contact of a file, or the reason why there is none.
type Row struct {
	Line    int // on which it begins in the file as it was sent, from 1
	Contact grapevine.Contact
	Skipped string // why there is no contact; empty if there is one
	Notes   []Note

	// Organization names the organization that the contact belongs to by its uid, where Contact.OrganizationID does not by its id.
	Organization string

	unnoted int // notes that are left out
}

// KeepReference takes an organization that is named by its uid out of the contact, which holds ids only.
func (r *Row) KeepReference() {
	if name := r.Contact.OrganizationID; !grapevine.ValidID(name) {
		r.Organization, r.Contact.OrganizationID = name, ""
	}
}

// maxTold is how many notes a reader adds to a row. Fit adds its own.
const maxTold = 100

// Tell adds a note about a field of the file. Beyond the first hundred it only counts them.
func (r *Row) Tell(line int, field, note string) {
	if len(r.Notes) >= maxTold {
		r.unnoted++
		return
	}
	r.Notes = append(r.Notes, Note{Line: line, Field: field, Note: note})
}

// Note tells about a part of a row that was not kept as it was.
type Note struct {
	Line  int    `json:"line"`
	Field string `json:"field"` // of the file
	Note  string `json:"note"`
}
