package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"grapevine"
)

// The times that are taken from a document: JSON has no others.
var (
	minTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	maxTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()
)

// Decode reads a stored document. Anybody may write any document past the validator, so a field of
// the wrong type is left out and never an error; only a document without an ObjectID as its _id, or
// bytes that are not BSON, cannot be a contact. It is called for every change, so it walks the bytes
// itself and uses no reflection. The contact shares no memory with raw.
func Decode(raw bson.Raw) (grapevine.Contact, error) {
	c := grapevine.Contact{Addresses: []grapevine.Address{}, Tags: []string{}}
	var id bson.ObjectID
	found := false
	err := each(raw, func(key []byte, v bsoncore.Value) {
		switch string(key) {
		case "_id":
			id, found = v.ObjectIDOK()
		case "workspace":
			text(v, &c.Workspace)
		case "kind":
			var kind string
			if text(v, &kind); kind == string(grapevine.Person) || kind == string(grapevine.Organization) {
				c.Kind = grapevine.Kind(kind)
			}
		case "firstName":
			text(v, &c.FirstName)
		case "lastName":
			text(v, &c.LastName)
		case "name":
			text(v, &c.Name)
		case "email":
			text(v, &c.Email)
		case "phone":
			text(v, &c.Phone)
		case "company":
			text(v, &c.Company)
		case "organizationId":
			if oid, ok := v.ObjectIDOK(); ok {
				c.OrganizationID = bson.ObjectID(oid).Hex()
			}
		case "addresses":
			c.Addresses = addresses(v, c.Addresses)
		case "tags":
			c.Tags = tags(v, c.Tags)
		case "notes":
			text(v, &c.Notes)
		case "owner":
			text(v, &c.Owner)
		case "createdAt":
			instant(v, &c.CreatedAt)
		case "updatedAt":
			instant(v, &c.UpdatedAt)
		}
	})
	if err != nil {
		return grapevine.Contact{}, fmt.Errorf("decode a contact: %w", err)
	}
	if !found {
		return grapevine.Contact{}, errors.New("decode a contact: its _id is not an ObjectID")
	}
	c.ID = id.Hex()
	if c.CreatedAt.IsZero() {
		c.CreatedAt.Time = id.Timestamp().UTC()
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	c.FullName = c.DisplayName()
	c.ETag = etag(raw)
	return c, nil
}

// etag hashes the document as it is stored: a version number would miss an edit made in mongosh.
func etag(raw bson.Raw) string {
	sum := sha256.Sum256(raw)
	var b [34]byte
	b[0], b[33] = '"', '"'
	hex.Encode(b[1:33], sum[:16])
	return string(b[:])
}

// each calls f for every element of a document or array, without allocating.
func each(raw []byte, f func(key []byte, v bsoncore.Value)) error {
	length, rest, ok := bsoncore.ReadLength(raw)
	if !ok || int(length) != len(raw) || length < 5 || raw[length-1] != 0 {
		return errors.New("the document's length is wrong")
	}
	for rest = rest[:len(rest)-1]; len(rest) > 0; {
		var element bsoncore.Element
		if element, rest, ok = bsoncore.ReadElement(rest); !ok {
			return errors.New("an element is cut short")
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

func text(v bsoncore.Value, to *string) {
	if s, ok := v.StringValueOK(); ok {
		*to = s
	}
}

func instant(v bsoncore.Value, to *grapevine.Time) {
	if ms, ok := v.DateTimeOK(); ok && minTime <= ms && ms <= maxTime {
		to.Time = time.UnixMilli(ms).UTC()
	}
}

func tags(v bsoncore.Value, to []string) []string {
	if list, ok := v.ArrayOK(); ok {
		_ = each(list, func(_ []byte, v bsoncore.Value) {
			if s, ok := v.StringValueOK(); ok {
				to = append(to, s)
			}
		})
	}
	return to
}

func addresses(v bsoncore.Value, to []grapevine.Address) []grapevine.Address {
	list, ok := v.ArrayOK()
	if !ok {
		return to
	}
	_ = each(list, func(_ []byte, v bsoncore.Value) {
		doc, ok := v.DocumentOK()
		if !ok {
			return
		}
		var a grapevine.Address
		_ = each(doc, func(key []byte, v bsoncore.Value) {
			switch string(key) {
			case "label":
				text(v, &a.Label)
			case "street":
				text(v, &a.Street)
			case "city":
				text(v, &a.City)
			case "region":
				text(v, &a.Region)
			case "postalCode":
				text(v, &a.PostalCode)
			case "country":
				text(v, &a.Country)
			}
		})
		to = append(to, a)
	})
	return to
}
