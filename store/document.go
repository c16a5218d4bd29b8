package store

import (
	"crypto/sha256"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// setTimes is the one place that sets a contact's times. MongoDB keeps milliseconds.
func setTimes(c *grapevine.Contact, now time.Time) {
	at := grapevine.Time{Time: now.UTC().Truncate(time.Millisecond)}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = at
	}
	c.UpdatedAt = at
}

// newDocument is a new contact as it is stored. The contact has passed Validate. One without times is new now.
func (s *Store) newDocument(c grapevine.Contact, id bson.ObjectID, key grapevine.Idempotency) bson.D {
	if c.CreatedAt.IsZero() || c.UpdatedAt.IsZero() {
		setTimes(&c, time.Now())
	}
	d := bson.D{{Key: "_id", Value: id}}
	for _, f := range grapevine.ContactFields {
		if value, ok := storedValue(f, &c); ok {
			d = append(d, bson.E{Key: f.Name, Value: value})
		}
	}
	meta := append(s.newMeta(id), bson.E{Key: "created", Value: id}) // see MadeByAPI
	if key.Key != "" {
		meta = append(meta, bson.E{Key: "key", Value: storedKey(c.Workspace, key)}, bson.E{Key: "fingerprint", Value: key.Fingerprint})
	}
	return append(d,
		bson.E{Key: "createdAt", Value: c.CreatedAt.Time}, bson.E{Key: "updatedAt", Value: c.UpdatedAt.Time}, bson.E{Key: "_meta", Value: meta}, form(&c))
}

// newMeta is the mark of a write through the API. A direct edit does not change it. It names the contact, so that the
// mark of a copied document is not the copy's own; see watcher/source.go.
func (s *Store) newMeta(id any) bson.D {
	return bson.D{{Key: "id", Value: id}, {Key: "write", Value: s.newWrite()}}
}

// newWrite is new in every write. Its time is MongoDB's.
func (s *Store) newWrite() bson.ObjectID {
	now, ok := s.clock.Now()
	if !ok {
		now = time.Now()
	}
	return bson.NewObjectIDFromTimestamp(now)
}

// keyID is the id of the contact that is created with an idempotency key. As it follows from the key, no second contact
// can be created with the key, while a copy of the contact, which has the same key, is another contact.
// See docs/decisions/0021-a-key-makes-the-id.md.
func keyID(workspace string, key grapevine.Idempotency) (id bson.ObjectID) {
	sum := sha256.Sum256([]byte(storedKey(workspace, key)))
	copy(id[:], sum[:])
	return id
}

// storedKey includes the workspace in which the key was used, so that the key stays valid when the contact moves.
func storedKey(workspace string, key grapevine.Idempotency) string { return workspace + "/" + key.Key }

// storedValue is the value of a field in MongoDB. ok is false for an empty field, which is not stored.
func storedValue(f *grapevine.Field, c *grapevine.Contact) (value any, ok bool) {
	if f.Empty(c) {
		return nil, false
	}
	switch f.Type {
	case grapevine.IDField:
		oid, err := bson.ObjectIDFromHex(*f.Text(c))
		return oid, err == nil
	case grapevine.TextsField:
		return *f.Texts(c), true
	case grapevine.RecordsField:
		list := make(bson.A, f.Records.Len(c))
		for i := range list {
			record := bson.D{}
			for j, part := range f.Records.SubFields() {
				if text := *f.Records.Text(c, i, j); text != "" {
					record = append(record, bson.E{Key: part.Name, Value: text})
				}
			}
			list[i] = record
		}
		return list, true
	case grapevine.TextField:
	}
	return *f.Text(c), true
}

// changes returns what an update must $set and $unset to turn one contact into the other. It does not touch fields that
// are equal. If Decode left out a stored value, that value therefore stays.
func changes(from, to *grapevine.Contact) (set, unset bson.D) {
	for _, f := range grapevine.ContactFields {
		if !f.Equal(from, to) {
			set, unset = appendField(f, to, set, unset)
		}
	}
	return set, unset
}

// sameFields reports whether two contacts have the same value for every field.
func sameFields(a, b *grapevine.Contact) bool {
	for _, f := range grapevine.ContactFields {
		if !f.Equal(a, b) {
			return false
		}
	}
	return true
}

// allFields returns what an update must $set and $unset to write every field of a contact.
func allFields(c *grapevine.Contact) (set, unset bson.D) {
	for _, f := range grapevine.ContactFields {
		set, unset = appendField(f, c, set, unset)
		if f.Shorthand != "" {
			unset = append(unset, bson.E{Key: f.Shorthand, Value: ""})
		}
	}
	return set, unset
}

func appendField(f *grapevine.Field, c *grapevine.Contact, set, unset bson.D) (newSet, newUnset bson.D) {
	if value, ok := storedValue(f, c); ok {
		return append(set, bson.E{Key: f.Name, Value: value}), unset
	}
	return set, append(unset, bson.E{Key: f.Name, Value: ""})
}
