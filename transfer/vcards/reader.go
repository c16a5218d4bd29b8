// Package vcards reads contacts from vCards (2.1, 3.0 and 4.0) as any program writes them, and writes Grapevine's own. It
// is pure.
package vcards

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/vcard"
)

// Reader reads the contacts of a file of vCards. Its memory is bounded, whatever the file holds.
type Reader struct {
	cards  *vcard.Reader
	groups Groups
}

// NewReader reads the bytes of a file as they are, but not those of UTF-16. decode makes text of the bytes of one property
// that names no character set; nil means UTF-8 where valid, else Windows-1252.
func NewReader(r io.Reader, groups Groups, decode func([]byte) string) *Reader {
	return &Reader{cards: vcard.NewReader(r, decoder(decode)), groups: groups}
}

func decoder(decode func([]byte) string) func([]byte) string {
	if decode != nil {
		return decode
	}
	return func(text []byte) string {
		if !utf8.Valid(text) {
			if decoded, err := charmap.Windows1252.NewDecoder().Bytes(text); err == nil {
				return string(decoded)
			}
		}
		return string(text)
	}
}

// Next returns the next contact, or a part of the file that was skipped. It returns io.EOF after the last one. Each
// contact is acceptable; see [record.Fit].
func (r *Reader) Next() (record.Row, error) {
	for {
		card, err := r.cards.Next()
		if problem, ok := errors.AsType[*vcard.Problem](err); ok {
			return record.Row{Line: problem.Line, Skipped: problem.Reason}, nil
		}
		if errors.Is(err, io.EOF) {
			return record.Row{}, io.EOF
		}
		if err != nil {
			return record.Row{}, fmt.Errorf("read a vCard: %w", err)
		}
		switch kind := kindOf(&card); kind {
		case "group":
			if r.groups.full { // which is told once
				r.groups.full = false
				return record.Row{Line: card.Line, Skipped: "the file has more groups, or more members of groups, than are read; some contacts lack a tag"}, nil
			}
		case "", "individual", "org", "organization":
			row := r.contact(&card)
			record.Fit(&row)
			return row, nil
		default:
			return record.Row{Line: card.Line, Skipped: fmt.Sprintf("this is no person and no organization, but of the kind %q", record.Shorten(kind))}, nil
		}
	}
}

func (r *Reader) contact(card *vcard.Card) record.Row {
	b := builder{card: card, row: record.Row{Line: card.Line, Contact: grapevine.NewContact()}}
	for _, problem := range card.Problems {
		b.row.Notes = append(b.row.Notes, record.Note{Line: problem.Line, Note: problem.Reason})
	}
	if isOwn(card) {
		b.readOwn()
		return b.row
	}
	b.read()
	for _, tag := range r.groups.tagsOf(&b.row.Contact) {
		b.addTag(tag)
	}
	return b.row
}
