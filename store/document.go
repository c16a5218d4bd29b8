package store

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// stamp is the one place that sets a contact's times. MongoDB keeps milliseconds.
func stamp(c *grapevine.Contact, now time.Time) {
	at := grapevine.Time{Time: now.UTC().Truncate(time.Millisecond)}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = at
	}
	c.UpdatedAt = at
}

// fields are the stored fields of a contact that have a value, in the order they are stored. An empty
// field is absent in MongoDB. The contact has passed Validate.
func fields(c grapevine.Contact) bson.D {
	d := bson.D{}
	add := func(name, value string) {
		if value != "" {
			d = append(d, bson.E{Key: name, Value: value})
		}
	}
	add("workspace", c.Workspace)
	add("kind", string(c.Kind))
	add("firstName", c.FirstName)
	add("lastName", c.LastName)
	add("name", c.Name)
	add("email", c.Email)
	add("phone", c.Phone)
	add("company", c.Company)
	if oid, err := bson.ObjectIDFromHex(c.OrganizationID); err == nil {
		d = append(d, bson.E{Key: "organizationId", Value: oid})
	}
	if len(c.Addresses) > 0 {
		d = append(d, bson.E{Key: "addresses", Value: addressDocuments(c.Addresses)})
	}
	if len(c.Tags) > 0 {
		d = append(d, bson.E{Key: "tags", Value: c.Tags})
	}
	add("notes", c.Notes)
	add("owner", c.Owner)
	return d
}

func addressDocuments(addresses []grapevine.Address) bson.A {
	list := make(bson.A, 0, len(addresses))
	for _, a := range addresses {
		d := bson.D{}
		for _, f := range [...]struct{ name, value string }{
			{"label", a.Label},
			{"street", a.Street},
			{"city", a.City},
			{"region", a.Region},
			{"postalCode", a.PostalCode},
			{"country", a.Country},
		} {
			if f.value != "" {
				d = append(d, bson.E{Key: f.name, Value: f.value})
			}
		}
		list = append(list, d)
	}
	return list
}

// document is a new contact as it is stored.
func document(c grapevine.Contact, id bson.ObjectID, key grapevine.Idempotency) bson.D {
	meta := bson.D{{Key: "write", Value: bson.NewObjectID()}} // new in every write through the API; a direct edit has none
	if key.Key != "" {
		meta = append(meta, bson.E{Key: "key", Value: storedKey(c.Workspace, key)}, bson.E{Key: "fingerprint", Value: key.Fingerprint})
	}
	d := append(bson.D{{Key: "_id", Value: id}}, fields(c)...)
	return append(d,
		bson.E{Key: "createdAt", Value: c.CreatedAt.Time}, bson.E{Key: "updatedAt", Value: c.UpdatedAt.Time}, bson.E{Key: "_meta", Value: meta})
}

// storedKey keeps the workspace in which the key was used, so that the key holds when the contact moves.
func storedKey(workspace string, key grapevine.Idempotency) string { return workspace + "/" + key.Key }

// difference is what an update has to $set and to $unset to make one contact the other. Fields that are
// not of a contact stay, as do those the edit did not touch, whatever a direct edit put there, except
// those in also.
func difference(from, to grapevine.Contact, also []string) (set, unset bson.D) {
	old, now := fields(from), fields(to)
	for _, name := range also {
		if _, known := value(old, name); !known {
			old = append(old, bson.E{Key: name})
		}
	}
	changed := func(name string) bool {
		switch {
		case slices.Contains(also, name):
			return true
		case name == "tags":
			return !slices.Equal(from.Tags, to.Tags)
		case name == "addresses":
			return !slices.Equal(from.Addresses, to.Addresses)
		}
		was, _ := value(old, name)
		is, _ := value(now, name)
		return was != is
	}
	for _, f := range now {
		if changed(f.Key) {
			set = append(set, f)
		}
	}
	for _, f := range old {
		if _, kept := value(now, f.Key); !kept {
			unset = append(unset, bson.E{Key: f.Key, Value: ""})
		}
	}
	return set, unset
}

// mistyped are the fields of a contact whose stored value [Decode] leaves out, in whole or in part.
func mistyped(raw bson.Raw) (names []string) {
	whole := map[string]func(bson.RawValue) bool{"organizationId": isA(bson.TypeObjectID), "tags": listOf(isA(bson.TypeString)), "addresses": listOf(isAddress)}
	for _, name := range []string{"firstName", "lastName", "name", "email", "phone", "company", "notes", "owner"} {
		whole[name] = isA(bson.TypeString)
	}
	elements, _ := raw.Elements()
	for _, e := range elements {
		if right, ours := whole[e.Key()]; ours && !right(e.Value()) {
			names = append(names, e.Key())
		}
	}
	return names
}

func isA(t bson.Type) func(bson.RawValue) bool {
	return func(v bson.RawValue) bool { return v.Type == t }
}

func listOf(right func(bson.RawValue) bool) func(bson.RawValue) bool {
	return func(v bson.RawValue) bool {
		list, ok := v.ArrayOK()
		if !ok {
			return false
		}
		values, err := list.Values()
		return err == nil && !slices.ContainsFunc(values, func(v bson.RawValue) bool { return !right(v) })
	}
}

func isAddress(v bson.RawValue) bool {
	doc, ok := v.DocumentOK()
	for _, name := range []string{"label", "street", "city", "region", "postalCode", "country"} {
		part := doc.Lookup(name)
		ok = ok && (part.IsZero() || part.Type == bson.TypeString)
	}
	return ok
}

func value(d bson.D, key string) (any, bool) {
	for _, e := range d {
		if e.Key == key {
			return e.Value, true
		}
	}
	return nil, false
}
