package tables_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/transfer/record/recordtest"
	"grapevine/transfer/tables"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// TestFiles reads files as real programs write them. The golden file has one line a contact.
func TestFiles(t *testing.T) {
	const golden = "testdata/contacts.golden"
	files, err := filepath.Glob("testdata/*.csv")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var got strings.Builder
	for _, name := range files {
		file, err := os.Open(name)
		require.NoError(t, err)
		r, err := tables.NewReader(file, tables.Options{})
		require.NoError(t, err)
		got.WriteString(filepath.Base(name) + "\n")
		for _, row := range rows(t, r) {
			row.Contact.Workspace = "default"
			require.NoError(t, row.Contact.Validate(), name)
			row.Contact.Workspace = ""
			got.WriteString("  " + recordtest.Brief(row) + "\n")
		}
		require.NoError(t, file.Close())
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}
