package recordtest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/transfer/record"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// RequireGolden compares got with a golden file of testdata.
func RequireGolden(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

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
	RequireGolden(t, "contacts.golden", got.String())
}
