package transfer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"grapevine"
	"grapevine/transfer/record"
)

// maxLineBytes bounds a line in memory. A contact has at most 48 kB of text.
const maxLineBytes = 1 << 20

// jsonLines reads one JSON object a line.
type jsonLines struct {
	lines  *bufio.Reader
	number int  // of the last line
	own    bool // the first line says that Grapevine wrote the file
}

func newJSONLines(r io.Reader) *jsonLines {
	return &jsonLines{lines: bufio.NewReaderSize(r, sampleBytes)}
}

// Next returns io.EOF after the last line.
func (j *jsonLines) Next() (record.Row, error) {
	for {
		text, tooLong, err := j.line()
		if err != nil {
			return record.Row{}, err
		}
		row := record.Row{Line: j.number}
		if tooLong {
			row.Skipped = "the line is longer than 1 MiB"
			return row, nil
		}
		if len(text) == 0 {
			continue
		}
		v, err := DecodeJSON(text)
		if err != nil {
			var readable bool
			if v, readable = decodeAnyway(text); !readable {
				row.Skipped = "the line cannot be read: " + jsonProblem(err)
				return row, nil
			}
			row.Tell(j.number, "", jsonProblem(err)+" What can be read is kept.")
		}
		object, ok := v.(map[string]any)
		if !ok {
			row.Skipped = "the line must be an object, not " + jsonType(v)
			return row, nil
		}
		if _, marked := object[OwnMark]; marked && len(object) == 1 {
			j.own = true
			continue // the first line of our own files, whose other lines are read like any
		}
		readJSONRow(object, &row)
		if j.own {
			row.KeepReference()
		}
		record.Fit(&row)
		return row, nil
	}
}

// decodeAnyway reads an object that the API refuses, because an import keeps what can be kept: half a surrogate pair becomes
// U+FFFD, and of two members with one name the last counts.
func decodeAnyway(text []byte) (object any, readable bool) {
	if countCommas(text) >= maxValues {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil || v == nil || d.More() {
		return nil, false
	}
	return v, true
}

// jsonProblem tells about a line what [DecodeJSON] tells about the body of a request.
func jsonProblem(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*grapevine.Error](err); ok {
		text = e.Message
	}
	return strings.NewReplacer("The body", "The line", "of the body", "of the line").Replace(text)
}

// line reads the next line without blanks around it.
func (j *jsonLines) line() (text []byte, tooLong bool, err error) {
	j.number++
	var long []byte
	for {
		part, err := j.lines.ReadSlice('\n')
		if tooLong = tooLong || len(long)+len(part) > maxLineBytes; tooLong {
			long = nil
		} else {
			long = append(long, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !errors.Is(err, io.EOF):
			return nil, false, fmt.Errorf("read a line: %w", err)
		case err != nil && len(long) == 0 && !tooLong:
			return nil, false, io.EOF
		default:
			return bytes.TrimSpace(long), tooLong, nil
		}
	}
}
