package transfer

import (
	"cmp"
	"errors"
	"io"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
	"grapevine/transfer/tables"
	"grapevine/transfer/vcards"
)

// Options say what [Open] need not guess, and where the contacts go.
type Options struct {
	Workspace string   // of the contacts
	Encoding  string   // a name of the WHATWG, such as windows-1252; empty: guess
	Columns   []string // see [tables.Options]; nil: guess
}

// File reads the contacts of a file, one at a time. Its memory is bounded, whatever the file holds.
type File struct {
	Format   string          // FormatVCard, FormatTable or FormatJSONLines
	Encoding string          // such as utf-8
	Columns  []tables.Column // of a table

	workspace string
	rows      rowReader
	closer    io.Closer
}

// rowReader reads one format. It returns io.EOF after the last row.
type rowReader interface {
	Next() (record.Row, error)
}

// Open finds out by its bytes how a file is to be read. It calls open for each pass over the file. An error that is a
// [grapevine.Error] tells a person what is wrong with the file or the options.
func Open(open func() (io.ReadCloser, error), o Options) (*File, error) {
	encoding, err := findEncoding(open, o.Encoding)
	if err != nil {
		return nil, err
	}
	format, err := findFormat(open, encoding)
	if err != nil {
		return nil, err
	}
	if o.Columns != nil && format != FormatTable {
		return nil, &grapevine.Error{Code: grapevine.BadRequest, Message: "The parameter columns is for tables, and this file holds " + formatNames[format] + ". Leave the parameter out."}
	}
	f := &File{Format: format, Encoding: encoding.name, workspace: o.Workspace}
	var groups vcards.Groups
	if format == FormatVCard {
		if groups, err = findGroups(open, encoding); err != nil {
			return nil, err
		}
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	f.closer = file
	switch format {
	case FormatVCard:
		f.rows = vcards.NewReader(encoding.vCardReader(file), groups, encoding.decoded())
	case FormatJSONLines:
		f.rows = newJSONLines(encoding.reader(file))
	default:
		err = f.openTable(encoding.reader(file), o.Columns)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

func (f *File) openTable(r io.Reader, columns []string) error {
	table, err := tables.NewReader(r, tables.Options{Columns: columns})
	if err != nil {
		return err
	}
	f.rows, f.Columns = table, table.Columns()
	return nil
}

// findGroups reads the groups of a file with vCards, which may stand behind their members.
func findGroups(open func() (io.ReadCloser, error), encoding textEncoding) (vcards.Groups, error) {
	file, err := open()
	if err != nil {
		return vcards.Groups{}, err
	}
	groups, err := vcards.FindGroups(encoding.vCardReader(file), encoding.decoded())
	return groups, errors.Join(err, file.Close())
}

// Close ends the reading.
func (f *File) Close() error { return f.closer.Close() }

// Next returns the next contact, which is valid, or a row that was skipped. It returns io.EOF after the last one. A
// second file with the same bytes and options gives the same rows.
func (f *File) Next() (record.Row, error) {
	row, err := f.rows.Next()
	if err != nil || row.Skipped != "" {
		return row, err
	}
	c := &row.Contact
	c.Workspace = f.workspace
	row.Skipped = problemText(c.Validate())
	c.SetVirtual()
	return row, nil
}

// problemText is the error of a validation in one sentence; empty for nil.
func problemText(err error) string {
	if err == nil {
		return ""
	}
	invalid, ok := errors.AsType[*grapevine.Error](err)
	if !ok || len(invalid.Fields) == 0 {
		return err.Error()
	}
	problems := make([]string, len(invalid.Fields))
	for i, field := range invalid.Fields {
		problems[i] = field.String()
	}
	return cmp.Or(strings.Join(problems, "; "), invalid.Message)
}
