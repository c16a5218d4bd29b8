package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"grapevine"
)

// Times outside this range are left out of a contact: JSON has no text for them.
var (
	minTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	maxTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()
)

// Decode reads a stored document. A document that bypassed the validator may hold any value, so Decode
// leaves out a field of the wrong type. It fails only if the _id is not an ObjectID or the bytes are not
// BSON. It runs for every change, so it walks the bytes itself and uses no reflection. The contact shares
// no memory with raw.
func Decode(raw bson.Raw) (grapevine.Contact, error) {
	c := grapevine.NewContact()
	var id bson.ObjectID
	var shorthands []shorthand
	hasID := false
	err := eachElement(raw, func(key []byte, v bsoncore.Value) {
		switch string(key) {
		case "_id":
			id, hasID = v.ObjectIDOK()
		case "createdAt":
			decodeTime(v, &c.CreatedAt)
		case "updatedAt":
			decodeTime(v, &c.UpdatedAt)
		default:
			if f := grapevine.FieldNamed(string(key)); f != nil {
				decodeField(f, v, &c)
			} else if f := grapevine.FieldWithShorthand(string(key)); f != nil {
				shorthands = append(shorthands, shorthand{field: f, value: v})
			}
		}
	})
	if err != nil {
		return grapevine.Contact{}, fmt.Errorf("decode a contact: %w", err)
	}
	if !hasID {
		return grapevine.Contact{}, errors.New("decode a contact: its _id is not an ObjectID")
	}
	c.ID = id.Hex()
	if c.CreatedAt.IsZero() {
		c.CreatedAt.Time = id.Timestamp().UTC()
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	for _, s := range shorthands { // after the lists, whichever comes first in the document
		s.decode(&c)
	}
	for _, f := range grapevine.ContactFields {
		f.SetAbsent(&c)
	}
	c.SetVirtual()
	c.ETag = etag(raw)
	return c, nil
}

// shorthand is a text that a direct edit stored in place of the value of the first record, such as email: "ada@example.org".
type shorthand struct {
	field *grapevine.Field
	value bsoncore.Value
}

func (s shorthand) decode(c *grapevine.Contact) {
	text, ok := s.value.StringValueOK()
	if !ok || text == "" {
		return
	}
	records := s.field.Records
	if records.Len(c) == 0 {
		records.Append(c)
	}
	*records.Text(c, 0, grapevine.EntryValue) = text
}

// etag hashes the document as it is stored, without the parts that only the product writes. A version number would miss an
// edit made in mongosh.
func etag(raw bson.Raw) string {
	hash := sha256.New()
	elements, _ := bsoncore.Document(raw).Elements() // the caller has walked them
	for _, element := range elements {
		if key := element.Key(); key != fieldForm && key != "_meta" {
			_, _ = hash.Write(element) // never fails
		}
	}
	var b [34]byte
	b[0], b[33] = '"', '"'
	hex.Encode(b[1:33], hash.Sum(nil)[:16])
	return string(b[:])
}

// eachElement calls f for every element of a document or array, without allocating.
func eachElement(raw []byte, f func(key []byte, v bsoncore.Value)) error {
	length, rest, ok := bsoncore.ReadLength(raw)
	if !ok || int(length) != len(raw) || length < 5 || raw[length-1] != 0 {
		return errors.New("the document's length is wrong")
	}
	for rest = rest[:len(rest)-1]; len(rest) > 0; {
		var element bsoncore.Element
		if element, rest, ok = bsoncore.ReadElement(rest); !ok {
			return errors.New("an element is truncated")
		}
		key, err := element.KeyBytesErr()
		if err != nil {
			return err
		}
		value, err := element.ValueErr()
		if err != nil {
			return err
		}
		f(key, value)
	}
	return nil
}

func decodeField(f *grapevine.Field, v bsoncore.Value, c *grapevine.Contact) {
	switch f.Type {
	case grapevine.TextField:
		if s, ok := v.StringValueOK(); ok && (len(f.Enum) == 0 || slices.Contains(f.Enum, s)) {
			*f.Text(c) = s
		}
	case grapevine.IDField:
		if oid, ok := v.ObjectIDOK(); ok {
			*f.Text(c) = bson.ObjectID(oid).Hex()
		}
	case grapevine.TextsField:
		list := f.Texts(c)
		if s, ok := v.StringValueOK(); ok { // MongoDB finds and counts it like a list of one
			*list = append(*list, s)
		}
		eachEntry(v, func(v bsoncore.Value) {
			if s, ok := v.StringValueOK(); ok {
				*list = append(*list, s)
			}
		})
	case grapevine.RecordsField:
		eachEntry(v, func(v bsoncore.Value) {
			if doc, ok := v.DocumentOK(); ok {
				decodeRecord(f.Records, doc, c)
			}
			f.Records.DropIncomplete(c)
		})
	}
}

func decodeRecord(records grapevine.Records, doc bsoncore.Document, c *grapevine.Contact) {
	records.Append(c)
	last := records.Len(c) - 1
	_ = eachElement(doc, func(key []byte, v bsoncore.Value) {
		for i, part := range records.SubFields() {
			if string(key) == part.Name {
				decodeText(v, records.Text(c, last, i))
			}
		}
	})
}

// eachEntry calls f for every entry of an array, and never if v is not an array.
func eachEntry(v bsoncore.Value, f func(bsoncore.Value)) {
	if array, ok := v.ArrayOK(); ok {
		_ = eachElement(array, func(_ []byte, v bsoncore.Value) { f(v) })
	}
}

func decodeText(v bsoncore.Value, to *string) {
	if s, ok := v.StringValueOK(); ok {
		*to = s
	}
}

func decodeTime(v bsoncore.Value, to *grapevine.Time) {
	if ms, ok := v.DateTimeOK(); ok && minTime <= ms && ms <= maxTime {
		to.Time = time.UnixMilli(ms).UTC()
	}
}
