package transfer_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/transfer"
	"grapevine/transfer/record/recordtest"
)

// What goes out comes back, also of contacts that are as large as a contact can be, with texts in every field that a file
// could misread.
func TestLargestContactsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 7)) //nolint:gosec // the same contacts each time
	written := make([]grapevine.Contact, 20)
	for i := range written {
		c := &written[i]
		*c = recordtest.LargeNastyContact(r)
		if invalid, ok := errors.AsType[*grapevine.Error](c.Validate()); ok {
			require.Empty(t, invalid.Fields)
		}
		require.Greater(t, c.TextBytes(), grapevine.MaxContactBytes/2)
		for _, f := range grapevine.ContactFields {
			require.False(t, f.Empty(c), f.Name)
		}
		c.SetVirtual()
	}
	for name, format := range transfer.Formats {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			text.WriteString(format.Head)
			for i := range written {
				require.NoError(t, format.Write(&text, &written[i]))
			}
			open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text.String())), nil }
			file, err := transfer.Open(open, transfer.Options{Workspace: "default"})
			require.NoError(t, err)
			for i := range written {
				row, err := file.Next()
				require.NoError(t, err)
				require.Empty(t, row.Notes)
				require.Empty(t, cmp.Diff(written[i], row.Contact), "contact %d", i)
			}
			_, err = file.Next()
			require.ErrorIs(t, err, io.EOF)
		})
	}
}
