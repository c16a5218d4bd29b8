package store

import (
	"bytes"
	"context"
	"encoding/json"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Limits of a page in bytes. Contacts of the API are at most a few kB, so only direct edits meet them.
const (
	maxPageJSON      = 2 << 20 // of the contacts, and of their organizations
	maxPageRead      = 8 << 20 // of stored documents, in each range of an index
	maxEstimated     = 4 << 10 // of a document whose JSON is estimated
	maxPositionBytes = 1 << 10 // of a place in a cursor
)

// fitting is how many of the rows make a page that is not too large; at least one.
func fitting(q grapevine.Query, rows []row) int {
	size := 0
	for i, r := range rows {
		if size += shownSize(q, r.doc); size > maxPageJSON && i > 0 {
			return i
		}
	}
	return len(rows)
}

// shownSize is an upper bound of the JSON of a contact in a page.
func shownSize(q grapevine.Query, doc bson.Raw) int {
	switch {
	case q.Whole:
		return len(doc)
	case len(doc) <= maxEstimated: // its names are also in fullName, and every byte can become an escape
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

// size is about how much a place takes in a cursor.
func (p position) size() (n int) {
	for _, v := range p {
		n += len(v.Value)
	}
	return n
}

// reference is a place as it is kept in a cursor: the place itself, or the contact that stands there if its sort values
// are too long for a URL.
func (p position) reference() position {
	if p.size() <= maxPositionBytes {
		return p
	}
	return p[len(p)-1:]
}

// isReference reports whether a place of several values is a reference to a contact.
func (p position) isReference(values int) bool { return len(p) == 1 && values > 1 }

// placed returns the place of a contact that a cursor refers to. locate finds it in the document.
func (s *Store) placed(ctx context.Context, at *bson.Timestamp, p position, project bson.D, locate func(bson.Raw) (position, error)) (position, error) {
	docs, err := s.aggregate(ctx, at, bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: "_id", Value: p[0]}}}},
		bson.D{{Key: "$project", Value: project}},
	})
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, &grapevine.Error{
			Code: grapevine.BadRequest, Message: "the contact at which this page begins is deleted: read the list from its beginning",
		}
	}
	return locate(docs[0])
}
