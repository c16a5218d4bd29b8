package vcard

import (
	"bytes"
	"unicode/utf8"
)

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
		text, isText := decodeValue(r.value, &p, encoding, r.Decoded, r.decode)
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
			if !tooLong { // else the value ends before the break
				r.value = withoutSoftBreak(r.value)
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

func withoutSoftBreak(value []byte) []byte {
	if trimmed := bytes.TrimRight(value, " \t"); bytes.HasSuffix(trimmed, []byte("=")) {
		return trimmed[:len(trimmed)-1]
	}
	return value
}

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
