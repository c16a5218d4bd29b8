package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"grapevine"
)

// CSV carries everything of a contact but its second and further addresses; vCard carries those.
var csvColumns = []string{
	"id", "kind", "firstName", "lastName", "name", "email", "phone", "company", "tags", "notes", "owner",
	"label", "street", "city", "region", "postalCode", "country", "organizationId", "createdAt", "updatedAt",
}

const tagSeparator = ";"

func csvRecord(c *grapevine.Contact) []string {
	var first grapevine.Address
	if len(c.Addresses) > 0 {
		first = c.Addresses[0]
	}
	texts, address := textFields(c), addressFields(&first)
	record := make([]string, len(csvColumns))
	for i, column := range csvColumns {
		switch column {
		case "id":
			record[i] = c.ID
		case "kind":
			record[i] = string(c.Kind)
		case "tags":
			record[i] = strings.Join(c.Tags, tagSeparator)
		case "createdAt":
			record[i] = c.CreatedAt.String()
		case "updatedAt":
			record[i] = c.UpdatedAt.String()
		default:
			at := texts[column]
			if at == nil {
				at = address[column]
			}
			record[i] = *at
		}
		record[i] = safeCell(record[i])
	}
	return record
}

// formula is how a cell begins that a spreadsheet would run (CWE-1236), full-width signs included.
const formula = "=+-@\t\r＝＋－＠"

// safeCell takes what could end or hide a cell out of it, and puts a quote before a formula.
func safeCell(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	if s != "" && strings.ContainsRune(formula, []rune(s)[0]) {
		return "'" + s
	}
	return s
}

// plainCell undoes safeCell, so that an export can be imported.
func plainCell(s string) string {
	if rest, quoted := strings.CutPrefix(s, "'"); quoted && rest != "" && strings.ContainsRune(formula, []rune(rest)[0]) {
		return rest
	}
	return s
}

// line is one contact of a file, and the line it begins on, from 1.
type line struct {
	number  int
	contact grapevine.Contact
	bad     FieldErrors // what is already known to be wrong with it
}

// readCSV reads contacts from a file whose first line names its columns, in any order and case. What
// the server fills itself is ignored.
func readCSV(body []byte) ([]line, FieldErrors) {
	var bad FieldErrors
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // which Excel writes
	r := csv.NewReader(bytes.NewReader(body))
	if head, _, _ := bytes.Cut(body, []byte{'\n'}); bytes.Count(head, []byte{';'}) > bytes.Count(head, []byte{','}) {
		r.Comma = ';' // as spreadsheets write it where the comma is a decimal point
	}
	header, err := r.Read()
	if err != nil {
		csvError(err, &bad)
		return nil, bad
	}
	columns := make([]string, len(header))
	for i, title := range header {
		columns[i] = columnOf(title)
		switch {
		case columns[i] == "":
			bad.Add(Pointer("/lines/1", title), "there is no such column")
		case slices.Contains(columns[:i], columns[i]):
			bad.Add(Pointer("/lines/1", title), "is there twice")
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	var lines []line
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, bad
		}
		if err != nil {
			csvError(err, &bad)
			return lines, bad
		}
		number, _ := r.FieldPos(0)
		lines = append(lines, line{number: number, contact: contactFromRecord(columns, record)})
	}
}

// columnOf finds a column by its title, in any case, with blanks, hyphens and underscores left out.
func columnOf(title string) string {
	plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(title)
	for _, c := range csvColumns {
		if strings.EqualFold(c, plain) {
			return c
		}
	}
	return ""
}

func contactFromRecord(columns, record []string) grapevine.Contact {
	var c grapevine.Contact
	var address grapevine.Address
	texts, parts := textFields(&c), addressFields(&address)
	for i, column := range columns {
		value := plainCell(record[i])
		switch column {
		case "id", "createdAt", "updatedAt":
		case "kind":
			c.Kind = grapevine.Kind(strings.ToLower(strings.TrimSpace(value)))
		case "tags":
			c.Tags = strings.Split(value, tagSeparator)
		default:
			at := texts[column]
			if at == nil {
				at = parts[column]
			}
			*at = value
		}
	}
	if address != (grapevine.Address{}) {
		c.Addresses = []grapevine.Address{address}
	}
	return c
}

func csvError(err error, bad *FieldErrors) {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		bad.Add(LinePointer(parse.Line), parse.Err.Error())
	}
}

func csvHead() string {
	var b bytes.Buffer
	_ = csvWrite(&b, csvColumns) // a buffer takes everything
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
