package tables_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/transfer/record"
	"grapevine/transfer/record/recordtest"
	"grapevine/transfer/tables"
)

// TestFiles reads files as real programs write them.
func TestFiles(t *testing.T) {
	recordtest.RequireGoldenRows(t, "*.csv", func(file []byte) []record.Row {
		r, err := tables.NewReader(bytes.NewReader(file), tables.Options{})
		require.NoError(t, err)
		return rows(t, r)
	})
}
