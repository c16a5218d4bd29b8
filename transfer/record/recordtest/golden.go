package recordtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/transfer/record"
)

// RequireGoldenRows reads the files of testdata that match pattern, and compares their rows with a golden file, which has
// one line a row.
func RequireGoldenRows(t *testing.T, pattern string, read func(file []byte) []record.Row) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var got strings.Builder
	for _, name := range files {
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		got.WriteString(filepath.Base(name) + "\n")
		for _, row := range read(file) {
			row.Contact.Workspace = "default"
			if row.Skipped == "" {
				require.NoError(t, row.Contact.Validate(), name)
			}
			row.Contact.Workspace = ""
			got.WriteString("  " + Brief(row) + "\n")
		}
	}
	realtest.RequireGolden(t, "contacts.golden", got.String())
}
