package transfer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"grapevine"
)

// maxErrors limits the errors of an answer: a request of 1 MiB can have 100,000 unknown names.
const maxErrors = 100

// FieldErrors collects what is wrong with a contact or a file.
type FieldErrors []grapevine.FieldError

// Add appends one error.
func (e *FieldErrors) Add(pointer, detail string) {
	*e = append(*e, grapevine.FieldError{Pointer: pointer, Detail: detail})
}

// Merge appends an error of more only if its pointer has no error yet, so that a field of the wrong type is not also
// reported as missing.
func (e *FieldErrors) Merge(more []grapevine.FieldError) {
	known := make(map[string]bool, len(*e))
	for _, f := range *e {
		known[f.Pointer] = true
	}
	for _, m := range more {
		if !known[m.Pointer] {
			known[m.Pointer] = true
			*e = append(*e, m)
		}
	}
}

// With returns these errors and those of a validation, sorted by pointer. It does not change e.
func (e FieldErrors) With(validation error) FieldErrors {
	all := slices.Clone(e)
	if invalid, ok := errors.AsType[*grapevine.Error](validation); ok {
		all.Merge(invalid.Fields)
	}
	return all.Sorted()
}

// Sorted sorts the errors by pointer, so that equal requests get equal answers, and limits them.
func (e FieldErrors) Sorted() []grapevine.FieldError {
	slices.SortStableFunc(e, func(a, b grapevine.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return e.Limited()
}

// Limited keeps the first hundred errors, and one more with the number of the others.
func (e FieldErrors) Limited() []grapevine.FieldError {
	if n := len(e) - maxErrors; n > 0 {
		return append(e[:maxErrors:maxErrors], grapevine.FieldError{Detail: fmt.Sprintf("and %d more", n)})
	}
	return e
}

// Pointer is the JSON pointer (RFC 6901) of a member. A very long name is cut.
func Pointer(parent, name string) string {
	const maxName = 128
	if len(name) > maxName {
		end := maxName
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end] + "…"
	}
	return parent + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
