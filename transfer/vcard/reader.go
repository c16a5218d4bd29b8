package vcard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	maxValue      = 1 << 20 // bytes of a value; a longer one is omitted
	maxProperties = 10_000  // of a card; the others are dropped
)

// Problem says what a reader left out, and where. The cards after it are read.
type Problem struct {
	Line   int // from 1
	Reason string
}

func (p *Problem) Error() string { return fmt.Sprintf("line %d: %s", p.Line, p.Reason) }

// Reader reads the cards of a file.
type Reader struct {
	lines  *lines
	decode func([]byte) string
	value  []byte // of the property that is being read
	begun  int    // the line on which a card has begun already; 0 if none has
	queue  []*Problem

	outside bool // text outside of a card was reported, and no card has begun since then
}

// NewReader reads from r. Text without a character set of its own goes through decode, which gets parts of a line.
func NewReader(r io.Reader, decode func([]byte) string) *Reader {
	return &Reader{lines: newLines(r), decode: decode}
}

// Next returns the next card. A *[Problem] says that something between two cards, or a part of one, was left out;
// Next can be called again. At the end of the file the error is [io.EOF]. Any other error is that of the file.
func (r *Reader) Next() (Card, error) {
	if len(r.queue) > 0 {
		p := r.queue[0]
		r.queue = r.queue[1:]
		return Card{}, p
	}
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

func isMark(line []byte, mark string) bool { return bytes.EqualFold(line, []byte(mark)) }

// card reads a card up to its end. If it does not end before the next one begins, it is a problem.
func (r *Reader) card() (Card, error) {
	card := Card{Line: r.begun}
	r.begun = 0
	dropped := 0
	for {
		line, ok := r.lines.peek()
		if !ok {
			if err := r.lines.err; !errors.Is(err, io.EOF) {
				return Card{}, err
			}
			return Card{}, errNoEnd(card.Line)
		}
		number, text := r.lines.number, bytes.TrimSpace(line)
		switch {
		case isMark(text, beginMark):
			r.lines.take()
			r.begun = number
			return Card{}, errNoEnd(card.Line)
		case len(text) >= len(endMark) && isMark(text[:len(endMark)], endMark):
			rest := bytes.TrimSpace(text[len(endMark):])
			if isMark(rest, beginMark) { // some programs forget the line break between two cards
				r.begun = number
			}
			r.lines.take()
			if dropped > 0 {
				r.report(card.Line, "this card has more than %d properties; %d were left out", maxProperties, dropped)
			}
			return card, nil
		case len(text) == 0:
			r.lines.take()
			continue
		}
		p, ok := r.property()
		switch {
		case !ok:
			r.report(number, "this line is no property")
		case len(card.Properties) == maxProperties:
			dropped++
		case p.Name == "VERSION":
			card.Version = strings.TrimSpace(p.Value)
		default:
			card.Properties = append(card.Properties, p)
		}
	}
}

func errNoEnd(line int) error { return &Problem{line, "this card does not end"} }

// maxReports bounds the problems of one card that wait for the caller.
const maxReports = 1000

func (r *Reader) report(line int, format string, args ...any) {
	if len(r.queue) < maxReports {
		r.queue = append(r.queue, &Problem{line, fmt.Sprintf(format, args...)})
	}
}

// property reads one property with its continuation lines. It returns false for a line that is none.
func (r *Reader) property() (Property, bool) {
	line, _ := r.lines.peek()
	p := Property{Line: r.lines.number}
	r.value = append(r.value[:0], line...)
	tooLong := r.lines.cut
	r.lines.take()
	var head headScan
	colon, found := head.end(r.value)
	for !found && r.isFolded() { // the name and the parameters may be folded too
		tooLong = r.unfold(1) || tooLong
		colon, found = head.end(r.value)
	}
	if !found {
		if colon = bytes.IndexByte(r.value, ':'); colon < 0 {
			return p, false
		}
	}
	p.Group, p.Name, p.Params = parseHead(r.decode(r.value[:colon]))
	r.value = append(r.value[:0], r.value[colon+1:]...)
	encoding := encodingOf(&p)
	for {
		switch {
		case r.isFolded():
			tooLong = r.unfold(1) || tooLong
			continue
		case encoding == quotedPrintable && r.hasSoftBreak():
			r.value = bytes.TrimRight(r.value, " \t")
			r.value = r.value[:len(r.value)-1]
			tooLong = r.unfold(0) || tooLong
			continue
		case encoding == base64Encoding && r.isBase64Line():
			tooLong = r.unfold(0) || tooLong
			continue
		}
		break
	}
	if p.Name == "BEGIN" { // a card inside the card
		p.Name, p.Omitted = "AGENT", true
		r.skipCard()
		return p, true
	}
	if p.Name == "AGENT" && len(bytes.TrimSpace(r.value)) == 0 {
		r.skipInnerCard()
		p.Omitted = true
		return p, true
	}
	if tooLong || slices.Contains(binaryProperties, p.Name) && len(bytes.Trim(r.value, "; \t")) > 0 {
		p.Omitted = true
		return p, true
	}
	p.Value = decodeValue(r.value, &p, encoding, r.decode)
	return p, true
}

// isFolded reports whether the next line continues the property.
func (r *Reader) isFolded() bool {
	line, ok := r.lines.peek()
	return ok && len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
}

// hasSoftBreak reports whether the value ends in a soft line break of QUOTED-PRINTABLE, with a line to follow.
func (r *Reader) hasSoftBreak() bool {
	if !bytes.HasSuffix(bytes.TrimRight(r.value, " \t"), []byte("=")) {
		return false
	}
	line, ok := r.lines.peek()
	text := bytes.TrimSpace(line)
	return ok && !isMark(text, endMark) && !isMark(text, beginMark)
}

// isBase64Line reports whether the next line can only be base64 text that its program did not indent.
func (r *Reader) isBase64Line() bool {
	line, ok := r.lines.peek()
	return ok && len(line) > 0 && len(bytes.Trim(line, base64Alphabet)) == 0
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// unfold appends the next line, without its first skip characters, to the value. It reports whether a part was dropped
// because the value is too long.
func (r *Reader) unfold(skip int) (tooLong bool) {
	line, _ := r.lines.peek()
	line = line[skip:]
	keep := min(len(line), max(0, maxValue-len(r.value)))
	r.value = append(r.value, line[:keep]...)
	tooLong = r.lines.cut || keep < len(line)
	r.lines.take()
	return tooLong
}

// skipInnerCard passes the card inside a card, if one follows.
func (r *Reader) skipInnerCard() {
	line, ok := r.lines.peek()
	if ok && isMark(bytes.TrimSpace(line), beginMark) {
		r.lines.take()
		r.skipCard()
	}
}

// skipCard passes the rest of a card inside a card, and the cards inside it.
func (r *Reader) skipCard() {
	for depth := 1; depth > 0; r.lines.take() {
		line, ok := r.lines.peek()
		if !ok {
			return
		}
		switch text := bytes.TrimRight(line, " \t"); {
		case isMark(text, beginMark):
			depth++
		case isMark(text, endMark):
			depth--
		}
	}
}

// binaryProperties hold pictures, sounds and keys.
var binaryProperties = []string{"PHOTO", "LOGO", "SOUND", "KEY"}

// headScan looks for the colon that ends the name and the parameters.
type headScan struct {
	at     int // up to here there is none
	quoted bool
}

// end returns the index of the colon. If there is none yet, it can be called again with a longer line.
func (s *headScan) end(line []byte) (int, bool) {
	for ; s.at < len(line); s.at++ {
		switch b := line[s.at]; {
		case b == '"':
			s.quoted = !s.quoted
		case b == ':' && !s.quoted:
			return s.at, true
		}
	}
	return 0, false
}

// parseHead splits the name and the parameters of a property.
func parseHead(head string) (group, name string, params []Param) {
	parts := splitQuoted(head, ';')
	name = strings.ToUpper(strings.TrimSpace(parts[0]))
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		group, name = strings.TrimSpace(parts[0])[:i], name[i+1:]
	}
	for _, part := range parts[1:] {
		key, value, named := strings.Cut(part, "=")
		if !named {
			key, value = bareParam(key), key
		}
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		params = append(params, Param{strings.ToUpper(strings.TrimSpace(key)), unquote(value)})
	}
	return group, name, params
}

// bareParam returns the name of a parameter that version 2.1 writes without one.
func bareParam(value string) string {
	switch strings.ToUpper(strings.TrimSpace(value)) {
	case "QUOTED-PRINTABLE", "BASE64", "7BIT", "8BIT":
		return "ENCODING"
	case "INLINE", "URL", "CONTENT-ID", "CID":
		return "VALUE"
	}
	return "TYPE"
}

// splitQuoted splits text at a separator outside of quotes.
func splitQuoted(text string, separator byte) []string {
	var parts []string
	quoted, from := false, 0
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// unquote removes quotes, also those of a list of values, and the escapes of RFC 6868.
func unquote(value string) string {
	value = strings.ReplaceAll(value, `"`, "")
	if strings.Contains(value, "^") {
		value = strings.NewReplacer("^n", "\n", "^^", "^", "^'", `"`).Replace(value)
	}
	return value
}
