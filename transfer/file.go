package transfer

import (
	"fmt"

	"grapevine"
)

// File is what [Read] found in a file.
type File struct {
	Contacts []grapevine.Contact
	Lines    []int      // the line on which each contact begins, from 1
	Errors   FileErrors // if there are any, the contacts are incomplete
	TooMany  bool       // the file has more contacts than the limit, and was not read to its end
}

// collector takes the contacts of a file from its reader, one at a time.
type collector struct {
	File
	workspace string
	max       int
}

// line is one contact of a file, or what stands in place of one, and the line it begins on, from 1.
type line struct {
	number      int
	contact     grapevine.Contact
	fieldErrors FieldErrors // what is already known to be wrong with it
	unreadable  string      // why there is no contact; empty if there is one
}

// add takes one contact, and reports whether the reader should go on.
func (f *collector) add(l line) bool {
	if len(f.Lines) == f.max {
		f.TooMany = true
		return false
	}
	f.Lines = append(f.Lines, l.number)
	if l.unreadable != "" {
		f.Errors.Add(LinePointer(l.number), l.unreadable)
		return true
	}
	c := l.contact
	c.Workspace = f.workspace
	switch {
	case c.Kind != "":
	case c.FirstName == "" && c.Name != "":
		c.Kind = grapevine.Organization
	default:
		c.Kind = grapevine.Person
	}
	for _, e := range l.fieldErrors.With(c.Validate()) {
		f.Errors.Add(LinePointer(l.number)+e.Pointer, e.Detail)
	}
	if f.Errors.None() { // nothing is imported from a file with an error
		f.Contacts = append(f.Contacts, c)
	} else {
		f.Contacts = nil
	}
	return true
}

// FileErrors are the errors of a file. It keeps the first hundred and counts the others, so that a file in which every
// line is wrong needs no more memory than any other.
type FileErrors struct {
	first FieldErrors
	more  int
}

// Add adds one error.
func (e *FileErrors) Add(pointer, detail string) {
	if len(e.first) == maxErrors {
		e.more++
		return
	}
	e.first.Add(pointer, detail)
}

// None reports whether there is no error.
func (e *FileErrors) None() bool { return len(e.first) == 0 }

// List is the first hundred errors, and one more with the number of the others.
func (e *FileErrors) List() []grapevine.FieldError {
	if e.more == 0 {
		return e.first
	}
	return append(e.first[:len(e.first):len(e.first)], grapevine.FieldError{Detail: fmt.Sprintf("and %d more", e.more)})
}
