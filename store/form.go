package store

import (
	"bytes"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"grapevine"
	"grapevine/derived"
)

// fieldForm is the derived part of a contact; see docs/decisions/0027-derived-fields.md.
const fieldForm = "_form"

// form is the derived part of a contact, which every write stores with the fields that it was made from.
func form(c *grapevine.Contact) bson.E { return bson.E{Key: fieldForm, Value: formDocument(c)} }

// formDocument is the derived part as it is stored. It uses no reflection, because it is made for every change.
func formDocument(c *grapevine.Contact) bson.Raw {
	f := derived.Of(c)
	start, doc := bsoncore.AppendDocumentStart(make([]byte, 0, 1024))
	doc = bsoncore.AppendStringElement(doc, "name", f.Name)
	doc = bsoncore.AppendStringElement(doc, "company", f.Company)
	doc = bsoncore.AppendInt64Element(doc, "created", f.Created)
	doc = bsoncore.AppendInt64Element(doc, "updated", f.Updated)
	doc = appendTexts(doc, "w", f.Words)
	doc = appendTexts(doc, "p", f.Phones)
	doc = appendTexts(doc, "f", f.Facets)
	doc = bsoncore.AppendStringElement(doc, "of", f.Of)
	doc, _ = bsoncore.AppendDocumentEnd(doc, start) // fails only above 2 GB
	return doc
}

func appendTexts(doc []byte, key string, texts []string) []byte {
	start, doc := bsoncore.AppendArrayElementStart(doc, key)
	for i, text := range texts {
		doc = bsoncore.AppendStringElement(doc, strconv.Itoa(i), text)
	}
	doc, _ = bsoncore.AppendArrayEnd(doc, start)
	return doc
}

// IsFormed reports whether the derived part of a stored document belongs to the contact, or a newer version of the
// function made it. It compares the whole part, because a direct edit can change that, too.
func IsFormed(raw bson.Raw, c *grapevine.Contact) bool {
	stored, ok := raw.Lookup(fieldForm).DocumentOK()
	if !ok {
		return false
	}
	of, _ := stored.Lookup("of").StringValueOK()
	return derived.IsNewer(of) || bytes.Equal(stored, formDocument(c))
}

// IsForming reports whether contacts are being formed that have no derived part or an old one. Lists show these at their end,
// and a search does not find them, so what a search finds is not all.
func (s *Store) IsForming() bool { return s.forming.Load() }

// SetForming tells the store what [Store.IsForming] reports.
func (s *Store) SetForming(forming bool) { s.forming.Store(forming) }
