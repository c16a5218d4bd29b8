package vcards_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/transfer/record/recordtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFiles reads files as real programs write them. The golden file has one line a contact.
func TestFiles(t *testing.T) {
	const golden = "testdata/contacts.golden"
	files, err := filepath.Glob("testdata/*.vcf")
	require.NoError(t, err)
	var got strings.Builder
	for _, name := range files {
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		got.WriteString(filepath.Base(name) + "\n")
		for _, row := range rows(t, string(bytes.TrimSpace(file))) {
			row.Contact.Workspace = "default"
			if row.Skipped == "" {
				require.NoError(t, row.Contact.Validate(), name)
			}
			row.Contact.Workspace = ""
			got.WriteString("  " + recordtest.Brief(row) + "\n")
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}
