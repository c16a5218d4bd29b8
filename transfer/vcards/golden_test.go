package vcards_test

import (
	"bytes"
	"testing"

	"grapevine/transfer/record"
	"grapevine/transfer/record/recordtest"
)

// TestFiles reads files as real programs write them.
func TestFiles(t *testing.T) {
	recordtest.RequireGoldenRows(t, "*.vcf", func(file []byte) []record.Row { return rows(t, string(bytes.TrimSpace(file))) })
}
