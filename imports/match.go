package imports

import (
	"slices"

	"grapevine"
	"grapevine/derived"
)

// A row with a uid is the contact with that uid. Any other row is a contact that holds every value of the row. It is looked for
// among the contacts with the row's first e-mail, or with its name if it has none.

// keysOf names the contacts that the rows may be.
func keysOf(rows []*grapevine.Contact) (keys grapevine.ContactKeys) {
	for _, row := range rows {
		switch {
		case row.UID != "":
			keys.UIDs = append(keys.UIDs, row.UID)
		case len(row.Emails) > 0:
			keys.Emails = append(keys.Emails, row.Emails[0].Value)
		default:
			keys.Names = append(keys.Names, derived.NameText(row))
		}
	}
	return keys
}

// matcher finds the contact that a row is.
type matcher struct {
	known           map[string]bool               // by id
	byUID           map[string]*grapevine.Contact // the oldest
	byEmail, byName map[string][]*grapevine.Contact
}

// newMatcher takes the contacts with the keys of the rows, the oldest first.
func newMatcher(contacts []grapevine.Contact) *matcher {
	m := &matcher{known: map[string]bool{}, byUID: map[string]*grapevine.Contact{}, byEmail: map[string][]*grapevine.Contact{}, byName: map[string][]*grapevine.Contact{}}
	for i := range contacts {
		m.add(&contacts[i])
	}
	return m
}

// add makes a contact known that later rows may be.
func (m *matcher) add(c *grapevine.Contact) {
	if m.known[c.ID] {
		return
	}
	m.known[c.ID] = true
	for _, uid := range []string{c.UID, c.ID} { // an absent uid reads as the id
		if uid != "" && m.byUID[uid] == nil {
			m.byUID[uid] = c
		}
	}
	for _, email := range c.Emails {
		m.byEmail[email.Value] = append(m.byEmail[email.Value], c)
	}
	name := derived.NameText(c)
	m.byName[name] = append(m.byName[name], c)
}

// find returns the contact that the row is, or nil. id is that of the contact that the row would make: if it exists, an
// earlier run made it.
func (m *matcher) find(row *grapevine.Contact, id string) *grapevine.Contact {
	if own := m.byUID[id]; own != nil && own.ID == id {
		return own
	}
	switch {
	case row.UID != "":
		return m.byUID[row.UID]
	case len(row.Emails) > 0:
		return firstHolding(m.byEmail[row.Emails[0].Value], row)
	}
	return firstHolding(m.byName[derived.NameText(row)], row)
}

// findByEmail returns the one contact that has the row's e-mail, or nil.
func (m *matcher) findByEmail(row *grapevine.Contact) *grapevine.Contact {
	if row.UID != "" || len(row.Emails) == 0 {
		return nil
	}
	if found := m.byEmail[row.Emails[0].Value]; len(found) == 1 {
		return found[0]
	}
	return nil
}

func firstHolding(contacts []*grapevine.Contact, row *grapevine.Contact) *grapevine.Contact {
	if i := slices.IndexFunc(contacts, func(c *grapevine.Contact) bool { return holds(c, row) }); i >= 0 {
		return contacts[i]
	}
	return nil
}

// holds reports whether every value of the row is in the contact, which may have more.
func holds(c, row *grapevine.Contact) bool {
	for _, f := range grapevine.ContactFields {
		switch f.Type {
		case grapevine.TextsField:
			for _, text := range *f.Texts(row) {
				if !slices.Contains(*f.Texts(c), text) {
					return false
				}
			}
		case grapevine.RecordsField:
			for i := range f.Records.Len(row) {
				if recordHolding(f.Records, c, row, i) < 0 {
					return false
				}
			}
		case grapevine.TextField, grapevine.IDField:
			if text := *f.Text(row); text != "" && text != *f.Text(c) && f.Name != "uid" {
				return false
			}
		}
	}
	return true
}

// recordHolding is the place of the record of c that has all texts of the i-th record of the row, or -1.
func recordHolding(records grapevine.Records, c, row *grapevine.Contact, i int) int {
	return findRecord(records, c, func(place int) bool {
		for j := range records.SubFields() {
			if text := *records.Text(row, i, j); text != "" && text != *records.Text(c, place, j) {
				return false
			}
		}
		return true
	})
}

func findRecord(records grapevine.Records, c *grapevine.Contact, matches func(place int) bool) int {
	for place := range records.Len(c) {
		if matches(place) {
			return place
		}
	}
	return -1
}

// merged is the contact with the values of the row. A text of the row takes the place of the contact's; what a list lacks
// is added to it.
func merged(c grapevine.Contact, row *grapevine.Contact) grapevine.Contact {
	into := c.Clone()
	for _, f := range grapevine.ContactFields {
		switch f.Type {
		case grapevine.TextsField:
			list := f.Texts(&into)
			for _, text := range *f.Texts(row) {
				if !slices.Contains(*list, text) {
					*list = append(*list, text)
				}
			}
		case grapevine.RecordsField:
			for i := range f.Records.Len(row) {
				mergeRecord(f.Records, &into, row, i)
			}
		case grapevine.TextField, grapevine.IDField:
			if text := *f.Text(row); text != "" && f.Name != "kind" { // a kind cannot change
				*f.Text(&into) = text
			}
		}
	}
	return into
}

// mergeRecord adds the i-th record of the row, unless it is there. A label of the row takes the place of another.
func mergeRecord(records grapevine.Records, into, row *grapevine.Contact, i int) {
	if recordHolding(records, into, row, i) >= 0 {
		return
	}
	parts := records.SubFields()
	place := -1
	if value := grapevine.EntryValue; len(parts) == value+1 { // an entry, not an address
		place = findRecord(records, into, func(place int) bool { return *records.Text(into, place, value) == *records.Text(row, i, value) })
	}
	if place < 0 {
		records.Append(into)
		place = records.Len(into) - 1
	}
	for j := range parts {
		*records.Text(into, place, j) = *records.Text(row, i, j)
	}
}
