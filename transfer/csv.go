package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"grapevine"
)

const (
	listSeparator = ";"
	maxColumns    = 1000 // of a file; a header of 1 MiB could name half a million
)

// csvColumn is one column of a file: how it is filled, and how it is read. set is nil for what the server fills.
type csvColumn struct {
	name string
	get  func(*grapevine.Contact) string
	set  func(c *grapevine.Contact, value string)
}

// csvColumns hold every field of a contact except the workspace, which is that of the request, and further
// records of a list; vCard holds those. Texts come first, then records, then references.
var csvColumns = func() []csvColumn {
	columns := []csvColumn{{name: "id", get: func(c *grapevine.Contact) string { return c.ID }}}
	var records, references []csvColumn
	for _, f := range grapevine.ContactFields {
		switch {
		case f.Name == "workspace":
		case f.Type == grapevine.RecordsField:
			records = append(records, recordColumns(f)...)
		case f.Type == grapevine.IDField:
			references = append(references, textColumn(f))
		case f.Type == grapevine.TextsField:
			columns = append(columns, textsColumn(f))
		default:
			columns = append(columns, textColumn(f))
		}
	}
	return append(slices.Concat(columns, records, references),
		csvColumn{name: "createdAt", get: func(c *grapevine.Contact) string { return c.CreatedAt.String() }},
		csvColumn{name: "updatedAt", get: func(c *grapevine.Contact) string { return c.UpdatedAt.String() }})
}()

func textColumn(f *grapevine.Field) csvColumn {
	return csvColumn{
		name: f.Name,
		get:  func(c *grapevine.Contact) string { return *f.Text(c) },
		set: func(c *grapevine.Contact, value string) {
			if len(f.Enum) > 0 {
				value = strings.ToLower(strings.TrimSpace(value))
			}
			*f.Text(c) = value
		},
	}
}

func textsColumn(f *grapevine.Field) csvColumn {
	return csvColumn{
		name: f.Name,
		get:  func(c *grapevine.Contact) string { return strings.Join(*f.Texts(c), listSeparator) },
		set:  func(c *grapevine.Contact, value string) { *f.Texts(c) = strings.Split(value, listSeparator) },
	}
}

// recordColumns are the parts of the list's first record. Those of an address have their plain names.
func recordColumns(f *grapevine.Field) (columns []csvColumn) {
	for i, part := range f.Records.SubFields() {
		column := csvColumn{
			name: f.Name + "." + part.Name,
			get: func(c *grapevine.Contact) string {
				if f.Records.Len(c) == 0 {
					return ""
				}
				return *f.Records.Text(c, 0, i)
			},
			set: func(c *grapevine.Contact, value string) {
				if value == "" {
					return
				}
				if f.Records.Len(c) == 0 {
					f.Records.Append(c)
				}
				*f.Records.Text(c, 0, i) = value
			},
		}
		if f.Name == "addresses" {
			column.name = part.Name
		}
		columns = append(columns, column)
	}
	return columns
}

func csvRecord(c *grapevine.Contact) []string {
	record := make([]string, len(csvColumns))
	for i, column := range csvColumns {
		record[i] = escapeFormula(column.get(c))
	}
	return record
}

// formulaPrefixes is how a cell begins that a spreadsheet would run (CWE-1236), full-width signs included.
const formulaPrefixes = "=+-@\t\r＝＋－＠"

// escapeFormula takes what could end or hide a cell out of it, and puts a quote before a formula.
func escapeFormula(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	if s != "" && strings.ContainsRune(formulaPrefixes, []rune(s)[0]) {
		return "'" + s
	}
	return s
}

// unescapeFormula undoes escapeFormula, so that an export can be imported.
func unescapeFormula(s string) string {
	if rest, quoted := strings.CutPrefix(s, "'"); quoted && rest != "" && strings.ContainsRune(formulaPrefixes, []rune(rest)[0]) {
		return rest
	}
	return s
}

// readCSV reads contacts from a file whose first line names its columns, in any order and case. What
// the server fills itself is ignored.
func readCSV(body []byte, found func(line) bool, fileErrors *FileErrors) {
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // which Excel writes
	r := csv.NewReader(bytes.NewReader(body))
	r.ReuseRecord = true // the strings of a record stay valid
	if head, _, _ := bytes.Cut(body, []byte{'\n'}); bytes.Count(head, []byte{';'}) > bytes.Count(head, []byte{','}) {
		r.Comma = ';' // as spreadsheets write it where the comma is a decimal point
	}
	header, err := r.Read()
	if err != nil {
		csvError(err, fileErrors)
		return
	}
	if len(header) > maxColumns {
		fileErrors.Add(LinePointer(1), fmt.Sprintf("has more than %d columns", maxColumns))
		return
	}
	columns := make([]*csvColumn, len(header))
	for i, title := range header {
		columns[i] = columnOf(title)
		switch {
		case columns[i] == nil:
			fileErrors.Add(Pointer("/lines/1", title), "there is no such column")
		case slices.Contains(columns[:i], columns[i]):
			fileErrors.Add(Pointer("/lines/1", title), "is there twice")
		}
	}
	if !fileErrors.None() {
		return
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			csvError(err, fileErrors)
			return
		}
		number, _ := r.FieldPos(0)
		if !found(line{number: number, contact: contactFromRecord(columns, record)}) {
			return
		}
	}
}

var separators = strings.NewReplacer(" ", "", "_", "", "-", "")

// columnOf finds a column by its title, in any case, with blanks, hyphens and underscores left out.
func columnOf(title string) *csvColumn {
	plain := separators.Replace(title)
	for i := range csvColumns {
		if strings.EqualFold(csvColumns[i].name, plain) {
			return &csvColumns[i]
		}
	}
	return nil
}

func contactFromRecord(columns []*csvColumn, record []string) grapevine.Contact {
	var c grapevine.Contact
	for i, column := range columns {
		if column.set != nil {
			column.set(&c, unescapeFormula(record[i]))
		}
	}
	return c
}

func csvError(err error, fileErrors *FileErrors) {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		fileErrors.Add(LinePointer(parse.Line), parse.Err.Error())
	}
}

func csvHead() string {
	var b bytes.Buffer
	names := make([]string, len(csvColumns))
	for i, column := range csvColumns {
		names[i] = column.name
	}
	_ = csvWrite(&b, names) // a buffer takes everything
	return b.String()
}

func writeCSV(w io.Writer, c *grapevine.Contact) error { return csvWrite(w, csvRecord(c)) }

func csvWrite(w io.Writer, record []string) error {
	cw := csv.NewWriter(w)
	cw.UseCRLF = true // RFC 4180
	_ = cw.Write(record)
	cw.Flush()
	return cw.Error()
}
