package transfer

import (
	"bytes"
	"errors"

	"grapevine"
)

// readJSONLines reads one JSON object per line. Empty lines are skipped.
func readJSONLines(body []byte, found func(line) bool, _ *FileErrors) {
	number := 0
	for text := range bytes.SplitSeq(body, []byte{'\n'}) {
		number++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		v, err := DecodeJSON(text)
		if e, ok := errors.AsType[*grapevine.Error](err); ok {
			if !found(line{number: number, unreadable: e.Message}) {
				return
			}
			continue
		}
		contact, wrong := ContactFromJSON(v)
		if !found(line{number: number, contact: contact, fieldErrors: wrong}) {
			return
		}
	}
}
