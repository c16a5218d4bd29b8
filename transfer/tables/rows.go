package tables

import (
	"errors"
	"io"
	"strings"
)

const (
	quoteNotClosed = "a quotation mark is not closed; the row ends with its line"
	rowTooLong     = "the row is longer than 1 MiB"
)

// row is one row of a file.
type row struct {
	line    int // on which it begins
	cells   []string
	note    string // about something odd in the row
	skipped string // why the row has no cells
}

// rowReader reads rows in the way of spreadsheets: cells may be in quotes, and then hold separators and line breaks.
// It takes more than RFC 4180 allows. A quote within a cell is text. Where a quote is not closed, the row ends with its
// line, and the next line is a row again.
type rowReader struct {
	lines     *lineReader
	separator byte
	reread    int // bytes of the lines that were put back
}

// rereadFactor bounds the work for quotes that are not closed. After that, a cell in quotes cannot hold line breaks.
const rereadFactor = 8

// next returns io.EOF after the last row.
func (r *rowReader) next() (row, error) {
	line, err := r.lines.next()
	if err != nil {
		return row{}, err
	}
	if line.tooLong {
		return row{line: line.number, skipped: rowTooLong}, nil
	}
	p := cellParser{separator: r.separator}
	p.parse(line.text)
	if !p.open {
		return row{line: line.number, cells: p.cells}, nil
	}
	return r.finish(line.number, &p)
}

// finish reads the lines that belong to a row whose last cell has a line break.
func (r *rowReader) finish(number int, p *cellParser) (row, error) {
	begin := p.mark() // where the row ends, if the open quote is not closed
	var after []physicalLine
	for size := 0; ; {
		if r.reread > rereadFactor*r.lines.bytes {
			break
		}
		line, err := r.lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return row{}, err
		}
		if err == nil {
			after = append(after, line)
			size += len(line.text)
		}
		if err != nil || line.tooLong || size > maxRowBytes {
			break
		}
		opened := p.opened
		if !p.parseMore(line.text) {
			break
		}
		if !p.open {
			return row{line: number, cells: p.cells}, nil
		}
		if p.opened != opened { // the cell with a line break ended, and another began
			begin, after = p.mark(), nil
		}
	}
	for _, line := range after {
		r.reread += len(line.text) + 1
	}
	r.lines.putBack(after)
	return row{line: number, cells: p.closedAt(begin), note: quoteNotClosed}, nil
}

// cellParser splits lines into cells.
type cellParser struct {
	separator byte
	cells     []string
	open      bool            // the last cell is in quotes that are not closed yet
	opened    int             // how many cells ended before the open one
	cell      strings.Builder // the open cell
	strict    bool            // within a cell with line breaks, which programs write by the book
	broken    bool            // a strict cell is not by the book
}

// cellMark is a place within an open cell.
type cellMark struct {
	before int    // cells that ended before the open one
	open   string // the beginning of the open one
}

func (p *cellParser) mark() cellMark { return cellMark{before: len(p.cells), open: p.cell.String()} }

// closedAt returns the cells up to a mark as if the open quote were none.
func (p *cellParser) closedAt(m cellMark) []string {
	return append(p.cells[:m.before:m.before], strings.Split(m.open, string(p.separator))...)
}

func (p *cellParser) end() {
	p.cells = append(p.cells, p.cell.String())
	p.cell.Reset()
	p.open = false
}

// parse takes a line that begins with a new cell.
func (p *cellParser) parse(s string) {
	for more := true; more; {
		inner, quoted := cutOpeningQuote(s)
		if !quoted {
			var text string
			text, s, more = strings.Cut(s, string(p.separator))
			p.cells = append(p.cells, text)
			continue
		}
		p.open, p.opened = true, len(p.cells)
		s, more = p.quoted(inner)
	}
}

// cutOpeningQuote also takes the beginning of a formula that keeps a spreadsheet from changing a text: ="0123".
func cutOpeningQuote(s string) (inner string, quoted bool) {
	trimmed := strings.TrimLeft(s, " ")
	if inner, quoted = strings.CutPrefix(trimmed, `"`); quoted {
		return inner, true
	}
	return strings.CutPrefix(trimmed, `="`)
}

// parseMore takes a line that begins within the open cell. It returns false where the cell does not end by the book:
// then the open quote was none.
func (p *cellParser) parseMore(s string) bool {
	p.cell.WriteByte('\n')
	p.strict = true
	s, more := p.quoted(s)
	if p.strict = false; p.broken {
		return false
	}
	if more {
		p.parse(s)
	}
	return true
}

// quoted takes the rest of a cell in quotes. It returns what follows the separator behind it, and whether there is one.
func (p *cellParser) quoted(s string) (rest string, more bool) {
	for {
		text, after, found := strings.Cut(s, `"`)
		p.cell.WriteString(text)
		if !found {
			return "", false // the cell goes on in the next line
		}
		behind := strings.TrimLeft(after, " ")
		switch {
		case strings.HasPrefix(after, `"`):
			p.cell.WriteByte('"')
			s = after[1:]
		case behind == "" || behind == "\r":
			p.end()
			return "", false
		case behind[0] == p.separator:
			p.end()
			return behind[1:], true
		case p.strict:
			p.broken = true
			return "", false
		case p.closesLater(after):
			p.cell.WriteByte('"')
			s = after
		default: // text behind the closing quote
			text, rest, more = strings.Cut(after, string(p.separator))
			p.cell.WriteString(text)
			p.end()
			return rest, more
		}
	}
}

// closesLater reports whether the next quote of the line can close the cell, so that the one before s is text.
func (p *cellParser) closesLater(s string) bool {
	i := strings.IndexByte(s, '"')
	if i < 0 {
		return false
	}
	before := strings.TrimRight(s[:i], " ")
	return before == "" || before[len(before)-1] != p.separator
}
