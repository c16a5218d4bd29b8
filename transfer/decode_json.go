package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"grapevine"
)

// Limits of one JSON value. A contact nests three levels and has about 300 values. A value of two bytes can take 400
// bytes of memory, so a body of 1 MiB without a limit can take 170 MB.
const (
	maxDepth  = 32
	maxValues = 10_000
)

// DecodeJSON reads one value of I-JSON (RFC 7493): valid UTF-8 without lone surrogates, no name twice in
// an object (two readers could see two different contacts), and nothing after the value. Objects become
// map[string]any, numbers json.Number. A value over the limits is refused before the rest of it is read.
func DecodeJSON(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, malformedBody("The body is not valid UTF-8.")
	}
	if at := loneSurrogate(body); at >= 0 {
		return nil, malformedBody(fmt.Sprintf("The body has half a surrogate pair at byte %d.", at))
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	r := valueReader{Decoder: d}
	var v any
	err := errTooManyValues
	if countCommas(body) < maxValues {
		v, err = r.value(0)
	}
	if errors.Is(err, errTooManyValues) {
		return nil, &grapevine.Error{Code: grapevine.Invalid, Message: fmt.Sprintf("The JSON has more than %d values. A contact has far fewer.", maxValues)}
	}
	if err != nil {
		return nil, jsonError(err, d.InputOffset())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, malformedBody(fmt.Sprintf("The body has more after its JSON value, at byte %d.", d.InputOffset()))
	}
	return v, nil
}

func malformedBody(message string) error {
	return &grapevine.Error{Code: grapevine.BadRequest, Message: message}
}

// malformed is an error in JSON that encoding/json accepts.
type malformed string

func (m malformed) Error() string { return string(m) }

func jsonError(err error, at int64) error {
	switch syntax, ok := errors.AsType[*json.SyntaxError](err); {
	case errors.As(err, new(malformed)):
		return malformedBody(fmt.Sprintf("The body %s, at byte %d.", err.Error(), at))
	case ok:
		return malformedBody(fmt.Sprintf("The body is not JSON at byte %d: %s.", syntax.Offset, syntax.Error()))
	case at == 0:
		return malformedBody("The body is empty. It must be JSON.")
	}
	return malformedBody(fmt.Sprintf("The JSON of the body breaks off at byte %d.", at))
}

// valueReader reads one value and counts the values in it.
type valueReader struct {
	*json.Decoder
	values int
}

var errTooManyValues = errors.New("too many values")

func (d *valueReader) value(depth int) (any, error) {
	if d.values++; d.values > maxValues {
		return nil, errTooManyValues
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth == maxDepth {
		return nil, malformed("nests deeper than " + strconv.Itoa(maxDepth))
	}
	if delim == '[' {
		list := []any{}
		for d.More() {
			v, err := d.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	object := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // Token returns nothing else for a name
		if _, twice := object[name]; twice {
			return nil, malformed(fmt.Sprintf("has %.64q twice in one object", name))
		}
		if object[name], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err = d.Token()
	return object, err
}

// countCommas counts the commas between values. There are more values than commas, so a body with far too many is known
// before any of them takes memory.
func countCommas(body []byte) (n int) {
	inText := false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case b == '"':
			inText = !inText
		case inText && b == '\\':
			i++
		case !inText && b == ',':
			n++
		}
	}
	return n
}

// loneSurrogate is the offset of a \u escape of half a surrogate pair, or -1. encoding/json would
// silently turn it into U+FFFD.
func loneSurrogate(body []byte) int {
	for i := bytes.IndexByte(body, '\\'); i >= 0 && i < len(body)-1; {
		next := i + 2
		if r, ok := escaped(body[i:]); ok {
			next = i + 6
			if r >= 0xD800 && r < 0xE000 {
				low, ok := escaped(body[next:])
				if r >= 0xDC00 || !ok || low < 0xDC00 || low >= 0xE000 {
					return i
				}
				next += 6
			}
		}
		skip := bytes.IndexByte(body[next:], '\\')
		if skip < 0 {
			return -1
		}
		i = next + skip
	}
	return -1
}

// escaped reads one \uXXXX.
func escaped(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
