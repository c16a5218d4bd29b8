package vcard

import (
	"bufio"
	"bytes"
	"io"
)

// maxLine bounds a physical line. The rest of a longer one is dropped.
const maxLine = 1 << 20

var byteOrderMark = []byte("\xef\xbb\xbf")

// lines reads physical lines, which end in CR LF, LF or CR.
type lines struct {
	in     *bufio.Reader
	err    error  // of in; io.EOF at the end
	number int    // of the line in text, from 1
	text   []byte // the line that peek returns
	cut    bool   // text is not the whole line
	peeked bool
}

// peek returns the next line without its end, and without a byte order mark. It is valid until the next call of take.
// It returns false at the end.
func (l *lines) peek() ([]byte, bool) {
	if l.peeked {
		return l.text, true
	}
	if l.err != nil {
		return nil, false
	}
	l.text, l.cut = l.text[:0], false
	found := false
	for {
		part, end, err := l.part()
		found = found || len(part) > 0 || end
		keep := min(len(part), maxLine-len(l.text))
		l.cut = l.cut || keep < len(part)
		l.text = append(l.text, part[:keep]...)
		if err != nil {
			l.err = err
		}
		if end || err != nil {
			break
		}
	}
	if !found {
		return nil, false
	}
	l.text = bytes.TrimPrefix(l.text, byteOrderMark)
	l.number++
	l.peeked = true
	return l.text, true
}

// part reads a part of a line; end says that the line ends with it. part is valid until the next read.
func (l *lines) part() (part []byte, end bool, err error) {
	if _, err = l.in.Peek(1); err != nil {
		return nil, false, err
	}
	buffered, _ := l.in.Peek(l.in.Buffered())
	i := bytes.IndexAny(buffered, "\r\n")
	if i < 0 {
		_, err = l.in.Discard(len(buffered))
		return buffered, false, err
	}
	part = buffered[:i]
	isCR := buffered[i] == '\r'
	if isCR && i+1 == len(buffered) {
		part = bytes.Clone(part) // the look at the next byte may move the buffer
	}
	_, _ = l.in.Discard(i + 1)
	if isCR {
		if next, _ := l.in.Peek(1); len(next) == 1 && next[0] == '\n' {
			_, _ = l.in.Discard(1)
		}
	}
	return part, true, nil
}

// take ends the line that peek returned.
func (l *lines) take() { l.peeked = false }

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, 64<<10)} }
