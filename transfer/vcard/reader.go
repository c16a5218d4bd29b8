package vcard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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

// property reads one property with its continuation lines. It returns false, and the line as the value, for a line that is
// none.
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
			p.Value = r.decode(bytes.TrimSpace(r.value))
			return p, false
		}
	}
	p.Group, p.Name, p.Params = parseHead(r.decode(r.value[:colon]))
	r.value = append(r.value[:0], r.value[colon+1:]...)
	encoding := encodingOf(&p)
	tooLong = r.continueValue(&p, encoding) || tooLong
	switch value := bytes.TrimSpace(r.value); {
	case p.Name == "BEGIN": // something else inside the card
		r.skipInside(string(value))
		p.Omitted = true
	case p.Name == "AGENT" && (len(value) == 0 || isMark(value, beginMark)):
		r.skipInnerCard(len(value) > 0)
		p.Omitted = true
	case p.isBinary() && len(bytes.Trim(value, ";")) > 0:
		p.Omitted = true
	default:
		if p.Cut = tooLong || len(r.value) > maxValue; p.Cut {
			r.value = withoutPartOfRune(r.value[:min(len(r.value), maxValue)])
		}
		text, isText := decodeValue(r.value, &p, encoding, r.decode)
		p.Value, p.Omitted = text, !isText
	}
	return p, true
}

// continueValue appends the lines that continue a value. It reports whether a part was dropped because the value is too long.
func (r *Reader) continueValue(p *Property, encoding encoding) (tooLong bool) {
	r.soft = endsSoft(r.value)
	for {
		switch {
		case encoding == quotedPrintable && r.soft && r.continues():
			if trimmed := bytes.TrimRight(r.value, " \t"); bytes.HasSuffix(trimmed, []byte("=")) {
				r.value = trimmed[:len(trimmed)-1]
			}
			tooLong = r.unfold(r.blankBeforeEncoded()) || tooLong
		case r.isFolded():
			tooLong = r.unfold(1) || tooLong
		case (encoding == base64Encoding || p.isBinary()) && r.isBase64Line():
			tooLong = r.unfold(0) || tooLong
		default:
			return tooLong
		}
	}
}

func endsSoft(line []byte) bool { return bytes.HasSuffix(bytes.TrimRight(line, " \t"), []byte("=")) }

// withoutPartOfRune removes the beginning of a character of UTF-8 from the end.
func withoutPartOfRune(text []byte) []byte {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return text[:i]
			}
			break
		}
	}
	return text
}

// isFolded reports whether the next line continues the property.
func (r *Reader) isFolded() bool {
	line, ok := r.lines.peek()
	return ok && len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
}

// continues reports whether a line follows that does not begin or end a card.
func (r *Reader) continues() bool {
	line, ok := r.lines.peek()
	if !ok {
		return false
	}
	ends, _ := endsCard(bytes.TrimSpace(line))
	return !ends && !isMark(bytes.TrimSpace(line), beginMark)
}

// blankBeforeEncoded is 1 if the next line is folded besides its soft break, which some programs do. A blank before other text
// is text.
func (r *Reader) blankBeforeEncoded() int {
	line, _ := r.lines.peek()
	if len(line) > 1 && (line[0] == ' ' || line[0] == '\t') && line[1] == '=' {
		return 1
	}
	return 0
}

// isBase64Line reports whether the next line can only be base64 text that its program did not indent.
func (r *Reader) isBase64Line() bool {
	line, ok := r.lines.peek()
	line = bytes.TrimRight(line, " \t")
	return ok && len(line) > 0 && len(bytes.Trim(line, base64Alphabet)) == 0
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// unfold appends the next line, without its first skip characters, to the value. It reports whether a part was dropped
// because the value is too long.
func (r *Reader) unfold(skip int) (tooLong bool) {
	line, _ := r.lines.peek()
	line = line[skip:]
	r.soft = endsSoft(line)
	keep := min(len(line), max(0, maxValue-len(r.value)))
	r.value = append(r.value, line[:keep]...)
	tooLong = r.lines.cut || keep < len(line)
	r.lines.take()
	return tooLong
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
		if label, ok := androidLabel(part); ok {
			params = append(params, Param{CustomLabel, label})
			continue
		}
		key, value, named := strings.Cut(part, "=")
		if !named {
			key, value = bareParam(key), key
		}
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		if len(params) == maxParams {
			break
		}
		params = append(params, Param{strings.ToUpper(strings.TrimSpace(key)), unquote(value)})
	}
	return group, name, params
}

// CustomLabel is the name of the parameter with a label that a person gave on an Android phone.
const CustomLabel = "X-CUSTOM"

// androidLabel reads X-CUSTOM(label), whose label may be encoded as (CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=41).
func androidLabel(param string) (label string, ok bool) {
	text := strings.TrimSpace(param)
	begin, inside, found := strings.Cut(text, "(")
	if !found || !strings.EqualFold(begin, CustomLabel) {
		return "", false
	}
	inside = strings.TrimSuffix(inside, ")")
	if i := strings.LastIndexByte(inside, ','); i >= 0 && strings.Contains(strings.ToUpper(inside[:i]), "QUOTED-PRINTABLE") {
		inside = string(decodeQuotedPrintable([]byte(inside[i+1:]), false))
	}
	return inside, inside != ""
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
