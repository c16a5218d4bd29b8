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

// storedReason is the reason in the body of a resync. An earlier program stored texts.
func storedReason(body string) grapevine.ResyncReason {
	var s struct{ Reason grapevine.ResyncReason }
	_ = json.Unmarshal([]byte("{"+body), &s) // without a reason it is unknown
	return s.Reason.Known()
}

// currentLines are the lines of an entry as roomsOf writes them today. A program in which the rooms of an owner and of a
// contact spanned the workspaces named each such room once, behind both workspaces. The contact left them in one workspace
// and is new in the other.
func currentLines(rooms string) string {
	if !strings.HasPrefix(rooms, string(roomLeft)+workspaceRoom) || strings.Contains(rooms, "\n"+string(roomLeft)+contactRoom) {
		return rooms
	}
	var left, joined []string
	for line := range strings.SplitSeq(rooms, "\n") {
		if len(line) < 2 {
			continue
		}
		change, room := roomChange(line[0]), line[1:]
		if change != roomJoined {
			left = append(left, string(roomLeft)+room)
		}
		if change != roomLeft {
			joined = append(joined, string(roomJoined)+room)
		}
	}
	if len(joined) == 0 || !strings.HasPrefix(joined[0][1:], workspaceRoom) { // no room is in the workspace that it went to
		joined = nil
	}
	return strings.Join(append(left, joined...), "\n")
}
