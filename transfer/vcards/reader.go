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

// NewReader reads the bytes of a file as they are, or as UTF-8 if they were decoded: then a property's character set is that
// of its encoded characters only.
func NewReader(r io.Reader, groups Groups, decoded bool) *Reader {
	return &Reader{cards: newCardReader(r, decoded), groups: groups}
}

func newCardReader(r io.Reader, decoded bool) *vcard.Reader {
	cards := vcard.NewReader(r, decodeText)
	cards.Decoded = decoded
	return cards
}

// decodeText makes text of the bytes of a part of a file that names no character set: UTF-8 where valid, else Windows-1252.
func decodeText(part []byte) string {
	if utf8.Valid(part) {
		return string(part)
	}
	text, _ := charmap.Windows1252.NewDecoder().Bytes(part) // it knows every byte
	return string(text)
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
		b.row.Tell(problem.Line, "", problem.Reason)
	}
	if isOwn(card) {
		b.readOwn()
		return b.row
	}
	b.read()
	for _, tag := range r.groups.tagsOf(&b.row.Contact) {
		b.addTag(tag)
	}
	b.finishLists()
	return b.row
}
