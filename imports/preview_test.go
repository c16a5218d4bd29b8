package imports

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// endless repeats a text. At some time it cancels a context.
type endless struct {
	text   string
	reads  int
	cancel context.CancelFunc
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.reads++; e.reads == 100 {
		e.cancel()
	}
	for n < len(p) {
		n += copy(p[n:], e.text)
	}
	return n, nil
}

// A preview ends with its context also within a row without an end.
func TestPreviewEndsWithinARow(t *testing.T) {
	for begin, text := range map[string]string{
		"BEGIN:VCARD\nNOTE:":      "x",
		"BEGIN:VCARD\n":           "TEL:1\n",
		"firstName,lastName\n\"a": "x",
		"firstName,lastName\n":    "\n",
		`{"firstName":"`:          "x",
		`{"firstName":"a"}`:       "\n",
	} {
		for _, encoding := range []string{"", "utf-8"} {
			ctx, cancel := context.WithCancel(t.Context())
			open := func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader(begin), &endless{text: text, cancel: cancel})), nil
			}
			_, err := new(Service).preview(ctx, Request{Options: Options{Encoding: encoding, OnMatch: Add}, Workspace: "default"}, 0, open)
			require.ErrorIs(t, err, context.Canceled, "%q", begin)
			cancel()
		}
	}
}
