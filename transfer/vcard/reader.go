package vcard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxValue      = 256 << 10 // bytes of a value; the rest of a longer one is dropped
	maxCard       = 1 << 20   // bytes of all properties of a card; the others are dropped
	maxProperties = 10_000    // of a card; the others are dropped
	maxParams     = 100       // of a property; the others are dropped
	maxProblems   = 100       // of a card; the others are not told
	maxContinued  = 16 << 10  // bytes of a note with lines that are not indented
)

// Problem says what a reader left out, and where. The cards after it are read.
type Problem struct {
	Line   int // from 1
	Reason string
}

func (p *Problem) Error() string { return fmt.Sprintf("line %d: %s", p.Line, p.Reason) }

// Reader reads the cards of a file.
type Reader struct {
	// Decoded says that the file was made UTF-8 from another encoding, so that a property's CHARSET is that of its encoded
	// characters only.
	Decoded bool

	lines  *lines
	decode func([]byte) string
	value  []byte // of the property that is being read
	begun  int    // the line on which a card has begun already; 0 if none has
	soft   bool   // the last line of the value ends in a soft line break of QUOTED-PRINTABLE

	outside bool // text outside of a card was reported, and no card has begun since then
}

// NewReader reads from r. Text without a character set of its own goes through decode, which gets parts of a line.
func NewReader(r io.Reader, decode func([]byte) string) *Reader {
	return &Reader{lines: newLines(r), decode: decode}
}

// Next returns the next card. A *[Problem] says that something between two cards, or a whole card, was left out;
// Next can be called again. At the end of the file the error is [io.EOF]. Any other error is that of the file.
func (r *Reader) Next() (Card, error) {
	for r.begun == 0 {
		line, ok := r.lines.peek()
		if !ok {
			return Card{}, r.lines.err
		}
		number, text := r.lines.number, bytes.TrimSpace(line)
		begins, blank := isMark(text, beginMark), len(text) == 0
		r.lines.take()
		switch {
		case begins:
			r.begun, r.outside = number, false
		case !blank && !r.outside:
			r.outside = true
			return Card{}, &Problem{number, "this text is outside of a card"}
		}
	}
	return r.card()
}

// Marks of the begin and the end of a card, in any case.
const (
	beginMark = "BEGIN:VCARD"
	endMark   = "END:VCARD"
)

// isMark reports whether a line is a mark. Blanks do not matter.
func isMark(line []byte, mark string) bool { return bytes.EqualFold(compactMark(line), []byte(mark)) }

// compactMark removes the blanks of a line that is short enough for a mark.
func compactMark(line []byte) []byte {
	const longest = 100
	if len(line) > longest || !bytes.ContainsAny(line, " \t") {
		return line
	}
	return bytes.Join(bytes.Fields(line), nil)
}

// endsCard reports whether a line ends a card. Some programs forget the line break before the next card, which begins then.
func endsCard(line []byte) (ends, begins bool) {
	text := compactMark(line)
	if len(text) < len(endMark) || !isMark(text[:len(endMark)], endMark) {
		return false, false
	}
	return true, isMark(text[len(endMark):], beginMark)
}

// card reads a card up to its end. If it does not end before the next one begins, it is a problem.
func (r *Reader) card() (Card, error) {
	card := Card{Line: r.begun}
	r.begun = 0
	size, dropped := 0, 0
	for {
		line, ok := r.lines.peek()
		if !ok {
			if err := r.lines.err; !errors.Is(err, io.EOF) {
				return Card{}, err
			}
			return Card{}, errNoEnd(card.Line)
		}
		number, text := r.lines.number, bytes.TrimSpace(line)
		if ends, begins := endsCard(text); ends {
			if begins {
				r.begun = number
			}
			r.lines.take()
			if dropped > 0 {
				card.report(card.Line, "this card is too large; %d of its properties are left out", dropped)
			}
			return card, nil
		}
		switch {
		case isMark(text, beginMark):
			r.lines.take()
			r.begun = number
			return Card{}, errNoEnd(card.Line)
		case len(text) == 0:
			r.lines.take()
			continue
		}
		p, ok := r.property()
		switch {
		case !ok && size+len(p.Value) < maxCard && card.continueNote(p.Value):
			size += len(p.Value) + 1
			card.report(number, "this line is no property; it is kept in the note: %s", shorten(p.Value))
		case !ok:
			card.report(number, "this line is no property: %s", shorten(p.Value))
		case p.Name == "VERSION":
			card.Version = strings.TrimSpace(p.Value)
		case len(card.Properties) == maxProperties || size+p.size() > maxCard:
			dropped++
		default:
			size += p.size()
			card.Properties = append(card.Properties, p)
		}
	}
}

func errNoEnd(line int) error { return &Problem{line, "this card does not end, so it is left out"} }

// shorten keeps a message short.
func shorten(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// skipInnerCard passes the card inside a card, if one follows.
func (r *Reader) skipInnerCard(begun bool) {
	for !begun {
		line, ok := r.lines.peek()
		text := bytes.TrimSpace(line)
		if begun = isMark(text, beginMark); !ok || !begun && len(text) > 0 {
			return
		}
		r.lines.take()
	}
	for depth := 1; depth > 0; r.lines.take() {
		line, ok := r.lines.peek()
		if !ok {
			return
		}
		text := bytes.TrimSpace(line)
		if ends, _ := endsCard(text); ends {
			depth--
		} else if isMark(text, beginMark) {
			depth++
		}
	}
}

// skipInside passes the rest of something that is no card, such as an event. It ends with the card at the latest.
func (r *Reader) skipInside(name string) {
	mark := "END:" + name
	for r.continues() {
		line, _ := r.lines.peek()
		end := isMark(bytes.TrimSpace(line), mark)
		r.lines.take()
		if end {
			return
		}
	}
}
