package tables

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"grapevine"
)

// byteOrderMark tells Excel that a text is UTF-8.
const byteOrderMark = "\ufeff"

// WriteHead writes the titles of Grapevine's own table.
func WriteHead(w io.Writer) error {
	var line strings.Builder
	line.WriteString(byteOrderMark)
	for _, column := range ownColumns {
		appendCell(&line, column.title)
		line.WriteByte(',')
	}
	appendCell(&line, ownTitle)
	return writeLine(w, &line)
}

// Write writes a contact as a row of Grapevine's own table. A [Reader] gives back the same, apart from the id, the
// workspace and the times.
func Write(w io.Writer, contact *grapevine.Contact) error {
	written := *contact
	written.UID, written.ID = cmp.Or(written.UID, written.ID), "" // others may refer to the contact by its id
	c := &written
	cells := make(map[*ownColumn]string, len(ownColumns))
	for _, column := range ownColumns {
		cells[column] = cellOf(column.get(c))
	}
	back := grapevine.NewContact()
	kind := remainder{Texts: map[string]string{"kind": string(c.Kind)}}
	_ = readOwn(&back, func(o *ownColumn) string { return cells[o] }, kind.String()) // we wrote the JSON
	back.Kind = grapevine.Person                                                     // which needs no word
	rest, skip := remainderOf(c, &back)
	var line strings.Builder
	for _, column := range ownColumns {
		field := column.target.field
		if field == "company" && c.Kind == grapevine.Organization {
			field = "name"
		}
		if !skip[field] {
			appendCell(&line, escapeFormula(cells[column]))
		}
		line.WriteByte(',')
	}
	appendCell(&line, rest.String())
	return writeLine(w, &line)
}

func writeLine(w io.Writer, line *strings.Builder) error {
	line.WriteString("\r\n") // RFC 4180
	if _, err := io.WriteString(w, line.String()); err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	return nil
}

// cellOf leaves out what a cell cannot hold: control characters could end or hide it.
func cellOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// appendCell puts a cell in quotes where a program could misread it.
func appendCell(line *strings.Builder, cell string) {
	if !strings.ContainsAny(cell, "\",;|\t\r\n'") && strings.TrimSpace(cell) == cell {
		line.WriteString(cell)
		return
	}
	line.WriteByte('"')
	line.WriteString(strings.ReplaceAll(cell, `"`, `""`))
	line.WriteByte('"')
}
