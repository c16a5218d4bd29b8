package transfer

import (
	"bytes"
	"errors"

	"grapevine"
)

// readJSONLines reads one JSON object per line. Empty lines are skipped.
func readJSONLines(body []byte) (lines []line, fieldErrors FieldErrors) {
	number := 0
	for text := range bytes.SplitSeq(body, []byte{'\n'}) {
		number++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		v, err := DecodeJSON(text)
		if e, ok := errors.AsType[*grapevine.Error](err); ok {
			fieldErrors.Add(LinePointer(number), e.Message)
			continue
		}
		contact, wrong := ContactFromJSON(v)
		lines = append(lines, line{number: number, contact: contact, fieldErrors: wrong})
	}
	return lines, fieldErrors
}
