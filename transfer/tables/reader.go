// Package tables reads contacts from tables (CSV, TSV) as any program writes them, and writes Grapevine's own. It is pure.
//
// titles.tsv and words.tsv tell what the titles of columns stand for.
package tables

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"grapevine"
	"grapevine/transfer/record"
)

// Options say what a reader need not guess.
type Options struct {
	Columns []string // the fields of the columns by place, such as firstName or emails.work; empty: left out; nil: guess from the titles
}

// Column tells where the cells of a column go.
type Column struct {
	Title string `json:"title"`
	Field string `json:"field"` // empty: left out
}

// Reader reads the contacts of a table. Its memory is bounded, whatever the file holds.
type Reader struct {
	rows *rowReader
	head
	own       []*ownColumn // by place, if the file is Grapevine's own export
	oldExport bool
}

// NewReader reads the titles of a table. The text is UTF-8. A [grapevine.Error] says which column is wrong.
func NewReader(r io.Reader, options Options) (*Reader, error) {
	targets, err := targetsOf(options.Columns)
	if err != nil {
		return nil, err
	}
	buffer := bufio.NewReaderSize(r, sampleBytes)
	if mark, _ := buffer.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = buffer.Discard(len(byteOrderMark)) // it was peeked
	}
	if _, err := buffer.Peek(1); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the beginning of the table: %w", err)
	}
	separator, lines := findSeparator(buffer)
	reader := &Reader{rows: &rowReader{lines: newLineReader(buffer), separator: separator}}
	reader.rows.lines.number = lines
	reader.head = readHead(reader.rows)
	reader.choose(options.Columns != nil, targets)
	return reader, nil
}

// choose gives the columns their fields.
func (r *Reader) choose(given bool, targets []target) {
	switch {
	case given:
		for len(r.titles) < len(targets) {
			r.titles = append(r.titles, "")
		}
		r.targets = make([]target, len(r.titles)) // further columns are left out
		copy(r.targets, targets)
	case slices.Contains(r.titles, ownTitle):
		r.own = ownColumnsOf(r.titles)
	case len(r.titles) == 0:
		r.guessByContent()
	default:
		r.oldExport = oldExport(r.titles)
		r.guess(r.oldExport)
	}
}

// Columns tells where each column goes. The fields can be given back as [Options.Columns].
func (r *Reader) Columns() []Column {
	columns := make([]Column, len(r.titles))
	for i, title := range r.titles {
		columns[i].Title = title
		if r.own != nil {
			columns[i].Field = r.own[i].field()
		} else {
			columns[i].Field = r.targets[i].String()
		}
	}
	return columns
}

// Next returns the next contact, or a row that was skipped. It returns io.EOF after the last one.
func (r *Reader) Next() (record.Row, error) {
	for {
		next, err := r.nextRow()
		if err != nil {
			return record.Row{}, err
		}
		if next.skipped != "" {
			return record.Row{Line: next.line, Skipped: next.skipped}, nil
		}
		if emptyCells(next.cells) {
			continue
		}
		row, found := r.contact(next)
		if !found {
			continue
		}
		if next.note != "" {
			row.Notes = append(row.Notes, record.Note{Line: next.line, Note: next.note})
		}
		record.Fit(&row)
		return row, nil
	}
}

func (r *Reader) nextRow() (row, error) {
	if len(r.below) > 0 {
		next := r.below[0]
		r.below = r.below[1:]
		return next, nil
	}
	return r.rows.next()
}

// contact makes a contact of a row. found is false where nothing is kept of it.
func (r *Reader) contact(next row) (found record.Row, ok bool) {
	if r.own != nil {
		return r.ownContact(next), true
	}
	b := builder{oldExport: r.oldExport, row: record.Row{Line: next.line, Contact: grapevine.NewContact()}}
	cells := next.cells
	if len(cells) > maxColumns {
		cells = cells[:maxColumns]
		b.note("", fmt.Sprintf("the row has more than %d cells; the others are left out", maxColumns))
	}
	for i, cell := range cells {
		title, t := "", target{field: custom}
		if i < len(r.targets) {
			title, t = r.titles[i], r.targets[i]
		}
		if title == "" {
			title = fmt.Sprintf("column %d", i+1)
		}
		b.add(t, title, cell)
	}
	return b.row, b.finish()
}
