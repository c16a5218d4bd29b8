package events

import (
	"encoding/json"
	"slices"
	"strings"

	"grapevine"
)

// currentBody is the body of an entry with the contact in the shape of today. An entry that a program of data version 1 has
// written lacks lists, such as that of e-mails. Such a program appends until it gives up the lease, and the log keeps its
// entries until they are trimmed.
func currentBody(body string) string {
	if !strings.Contains(body, `"contact":{`) || strings.Contains(body, `"emails":[`) { // quotes inside a text are escaped
		return body
	}
	var s suffix
	if json.Unmarshal([]byte("{"+body), &s) != nil || s.Contact == nil {
		return body
	}
	contact := s.Contact.Clone()
	if contact.Email != "" {
		contact.Emails = []grapevine.Entry{{Value: contact.Email}}
	}
	if contact.Phone != "" {
		contact.Phones = []grapevine.Entry{{Value: contact.Phone}}
	}
	for _, f := range grapevine.ContactFields {
		f.SetAbsent(&contact)
	}
	contact.SetVirtual()
	s.Contact = &contact
	for i, name := range s.Changed {
		if f := grapevine.FieldWithShorthand(name); f != nil {
			s.Changed[i] = f.Name
		}
	}
	slices.Sort(s.Changed)
	text, err := json.Marshal(s)
	if err != nil {
		return body
	}
	return string(text[1:])
}
