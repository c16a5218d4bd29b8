package store

import (
	"bytes"
	"encoding/json"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Limits of a page in bytes. Contacts of the API are at most a few kB, so only direct edits meet them.
const (
	maxPageJSON  = 2 << 20 // of the contacts, and of their organizations
	maxPageRead  = 8 << 20 // of stored documents, in each range of an index
	maxEstimated = 4 << 10 // of a document whose JSON is estimated
)

// fitting is how many of the rows make a page that is not too large; at least one.
func fitting(rows []row) int {
	size := 0
	for i, r := range rows {
		if size += shownSize(r.doc); size > maxPageJSON && i > 0 {
			return i
		}
	}
	return len(rows)
}

// shownSize is an upper bound of the JSON of a contact in a page.
func shownSize(doc bson.Raw) int {
	if len(doc) <= maxEstimated { // its names are also in fullName, and every byte can become an escape
		return 300 + 2*len(doc) + 10*escapes(doc)
	}
	c, err := Decode(doc)
	if err != nil {
		return 0
	}
	c.Shorten(grapevine.MaxContactJSON)
	text, err := json.Marshal(c)
	if err != nil {
		return 0
	}
	return len(text)
}

// escapes counts the bytes that JSON may write as six. Some belong to the document's structure.
func escapes(doc bson.Raw) (n int) {
	valid := bytes.ToValidUTF8(doc, nil)
	for _, b := range valid {
		if b < ' ' && b != 0 || b == '<' || b == '>' || b == '&' {
			n++
		}
	}
	return n + len(doc) - len(valid)
}
