package transfer

import (
	"bytes"

	"grapevine/transfer/tables"
)

// readTable reads every row of a table.
func readTable(body []byte, found func(line) bool, fileErrors *FileErrors) {
	reader, err := tables.NewReader(bytes.NewReader(body), tables.Options{})
	if err != nil {
		fileErrors.Add("", err.Error())
		return
	}
	for {
		row, err := reader.Next()
		if err != nil || !found(line{number: row.Line, contact: row.Contact, unreadable: row.Skipped}) {
			return
		}
	}
}
