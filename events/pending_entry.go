package events

import (
	"encoding/json"
	"strings"

	"grapevine"
)

// maxContactJSON limits the JSON of a contact in a frame. A longer contact is sent as `null` with
// `"truncated":true`, so that one huge note cannot fill the queue of every client.
const maxContactJSON = grapevine.MaxContactJSON

// pendingEntry is an entry as it is written to Redis. Followers do not parse the contact: a frame is
// `{"event":…,"room":…,` followed by body, or by leftBody in a room that the contact left.
type pendingEntry struct {
	position grapevine.Position
	op       grapevine.Op
	rooms    string // one room a line, each after its roomChange
	body     string
	leftBody string
	restart  bool
}

func (e *pendingEntry) size() int { return len(e.rooms) + len(e.body) + len(e.leftBody) + 64 }

// roomChange says what a change means to one room.
type roomChange byte

const (
	roomJoined  roomChange = '+' // the contact is new in the room
	roomUpdated roomChange = '='
	roomFormed  roomChange = '~' // nothing that people see changed, so no digest counts it
	roomDeleted roomChange = '-'
	roomLeft    roomChange = '<' // the contact moved to another room
)

// newPendingEntries makes an entry of each change. If a change has no entry, the error is its
// *[grapevine.DeadLetter], and the entries are those of the changes before it.
func newPendingEntries(changes []grapevine.Change) ([]pendingEntry, error) {
	entries := make([]pendingEntry, 0, len(changes))
	for i := range changes {
		e, err := newPendingEntry(&changes[i])
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func newPendingEntry(c *grapevine.Change) (pendingEntry, error) {
	e := pendingEntry{position: c.Position, op: c.Op, restart: c.Restart}
	switch {
	case c.Op == grapevine.Heartbeat:
		return e, nil
	case !c.IsComplete():
		e.op = grapevine.Resync
		e.body = resyncSuffix(c.Position, c.Reason)
		return e, nil
	}
	e.rooms = roomsOf(c.ID, c.Previous(), c.After)
	if c.DerivedOnly { // it moved nowhere, so each line is an update
		e.rooms = strings.ReplaceAll("\n"+e.rooms, "\n"+string(roomUpdated), "\n"+string(roomFormed))[1:]
	}
	var changed []string
	source := c.Source
	switch c.Op {
	case grapevine.Updated:
		changed = append([]string{}, c.Changed...) // an empty list is sent as []
	case grapevine.Deleted:
		source = ""
	}
	var err error
	if e.body, err = frameSuffix(c, c.Contact(), changed, source); err != nil {
		return pendingEntry{}, err
	}
	if strings.Contains("\n"+e.rooms, "\n"+string(roomLeft)) {
		if e.leftBody, err = frameSuffix(c, c.Before, nil, source); err != nil {
			return pendingEntry{}, err
		}
	}
	return e, nil
}

// roomsOf lists the rooms that a change concerns. before is nil for a new contact, after for a deleted one.
func roomsOf(id string, before, after *grapevine.Contact) string {
	var lines []string
	add := func(change roomChange, room string) { lines = append(lines, string(change)+room) }
	leave := roomLeft
	if after == nil {
		leave = roomDeleted
	}
	for _, room := range []func(*grapevine.Contact) string{workspaceRoomOf, ownerRoomOf} {
		was, is := room(before), room(after)
		if was == is && is != "" {
			add(roomUpdated, is)
			continue
		}
		if was != "" {
			add(leave, was)
		}
		if is != "" {
			add(roomJoined, is)
		}
	}
	switch {
	case before == nil:
		add(roomJoined, contactRoom+id)
	case after == nil:
		add(roomDeleted, contactRoom+id)
	default:
		add(roomUpdated, contactRoom+id)
	}
	return strings.Join(lines, "\n")
}

// suffix is the part of a contact's frame that is the same in all its rooms. The order of the fields is the
// order in the frame.
type suffix struct {
	Position  grapevine.Position `json:"position"`
	At        grapevine.Time     `json:"at"`
	Contact   *grapevine.Contact `json:"contact"`
	Truncated bool               `json:"truncated,omitempty"`
	Changed   []string           `json:"changed,omitzero"`
	Source    grapevine.Source   `json:"source,omitempty"`
}

// frameSuffix is the text of a frame after `{"event":…,"room":…,`. The error is a *[grapevine.DeadLetter].
func frameSuffix(c *grapevine.Change, contact *grapevine.Contact, changed []string, source grapevine.Source) (string, error) {
	s := suffix{Position: c.Position, At: grapevine.Time{Time: c.At}, Contact: contact, Changed: changed, Source: source}
	if c.At.IsZero() {
		s.At.Time = c.Position.Wall()
	}
	text, err := json.Marshal(s)
	if err == nil && len(text) > maxContactJSON && tooLong(contact) {
		s.Contact, s.Truncated = nil, true
		text, err = json.Marshal(s)
	}
	if err != nil {
		return "", &grapevine.DeadLetter{Position: c.Position, Reason: "the contact cannot be written as JSON: " + err.Error()}
	}
	return string(text[1:]), nil
}

func tooLong(contact *grapevine.Contact) bool {
	text, err := json.Marshal(contact)
	return err == nil && len(text) > maxContactJSON
}

// resyncSuffix is the text of a resync frame after `{"event":"resync",`.
func resyncSuffix(at grapevine.Position, reason string) string {
	if reason == "" {
		reason = "what changed is not known"
	}
	text, _ := json.Marshal(reason) // a string can always be written as JSON
	return `"position":"` + at.String() + `","reason":` + string(text) + `}`
}
