package transfer

import (
	"bytes"

	"grapevine/transfer/vcards"
)

// readVCards reads every card of a file.
func readVCards(body []byte, found func(line) bool, fileErrors *FileErrors) {
	groups, err := vcards.FindGroups(bytes.NewReader(body), nil)
	if err != nil {
		fileErrors.Add("", err.Error())
		return
	}
	reader := vcards.NewReader(bytes.NewReader(body), groups, nil)
	for {
		row, err := reader.Next()
		if err != nil || !found(line{number: row.Line, contact: row.Contact, unreadable: row.Skipped}) {
			return
		}
	}
}
