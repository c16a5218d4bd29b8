package tables

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// maxRowBytes bounds a row in memory. A contact has at most 48 kB of text.
const maxRowBytes = 1 << 20

// sampleBytes is how much of the beginning of a file decides about its separator and its line ends.
const sampleBytes = 64 << 10

// physicalLine is one line of the file without its end.
type physicalLine struct {
	text    string
	number  int  // from 1
	tooLong bool // text is empty, because the line is longer than maxRowBytes
}

// lineReader reads physical lines. Lines that were put back come again.
type lineReader struct {
	r      *bufio.Reader
	end    byte // '\r' in files of old Macintosh programs, which write line feeds within cells; else '\n'
	number int
	back   []physicalLine // the last is the next
	bytes  int            // read so far
}

func newLineReader(r *bufio.Reader) *lineReader {
	l := &lineReader{r: r, end: '\n'}
	sample, _ := r.Peek(sampleBytes) // a shorter file is no error here
	if i := bytes.IndexAny(sample, "\r\n"); i >= 0 && sample[i] == '\r' && i+1 < len(sample) {
		// Some programs end a line with two carriage returns and a line feed.
		if rest := bytes.TrimLeft(sample[i:], "\r"); len(rest) == 0 || rest[0] != '\n' {
			l.end = '\r'
		}
	}
	return l
}

// next returns io.EOF after the last line.
func (l *lineReader) next() (physicalLine, error) {
	if last := len(l.back) - 1; last >= 0 {
		line := l.back[last]
		l.back = l.back[:last]
		return line, nil
	}
	text, tooLong, err := l.read()
	if err != nil {
		return physicalLine{}, err
	}
	l.number++
	line := physicalLine{text: text, number: l.number, tooLong: tooLong}
	if l.end == '\r' {
		l.number += strings.Count(text, "\n")
	}
	return line, nil
}

// putBack makes lines the next ones.
func (l *lineReader) putBack(lines []physicalLine) {
	slices.Reverse(lines)
	l.back = append(l.back, lines...)
}

func (l *lineReader) read() (text string, tooLong bool, err error) {
	var long []byte
	for {
		part, err := l.r.ReadSlice(l.end)
		l.bytes += len(part)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if tooLong = tooLong || len(long)+len(part) > maxRowBytes; tooLong {
				long = nil
			} else {
				long = append(long, part...)
			}
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return "", false, err
		case err != nil && len(part) == 0 && len(long) == 0 && !tooLong:
			return "", false, io.EOF
		}
		if tooLong || len(long)+len(part) > maxRowBytes {
			return "", true, nil
		}
		line := string(part)
		if long != nil {
			line = string(append(long, part...))
		}
		return l.withoutEnd(line), false, nil
	}
}

func (l *lineReader) withoutEnd(line string) string {
	line = strings.TrimSuffix(line, string(rune(l.end)))
	if l.end == '\n' {
		line = strings.TrimSuffix(line, "\r")
	}
	return line
}
