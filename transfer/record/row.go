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
	// Literal says that a file of our own holds the contact. No rule about names, labels, order, kinds or tags applies.
	Literal bool
}

// Note tells about a part of a row that was not kept as it was.
type Note struct {
	Line  int    `json:"line"`
	Field string `json:"field"` // of the file
	Note  string `json:"note"`
}
