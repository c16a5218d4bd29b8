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
	rooms    string // one room a line, each after its roomChange, see roomsOf
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
func newPendingEntries(changes []grapevine.Change, names authorNames) ([]pendingEntry, error) {
	entries := make([]pendingEntry, 0, len(changes))
	for i := range changes {
		e, err := newPendingEntry(&changes[i], names)
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func newPendingEntry(c *grapevine.Change, names authorNames) (pendingEntry, error) {
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
	s := suffix{Position: c.Position, At: grapevine.Time{Time: c.At}, Source: c.Source, By: names.authorOf(c)}
	if c.At.IsZero() {
		s.At.Time = c.Position.Wall()
	}
	left := s
	if c.Op == grapevine.Updated {
		s.Changed = append([]string{}, c.Changed...) // an empty list is sent as []
	}
	var err error
	if e.body, err = s.about(c.Contact()); err != nil {
		return pendingEntry{}, err
	}
	if strings.Contains("\n"+e.rooms, "\n"+string(roomLeft)) {
		if e.leftBody, err = left.about(c.Before); err != nil {
			return pendingEntry{}, err
		}
	}
	return e, nil
}

// roomsOf lists the rooms that a change concerns. before is nil for a new contact, after for a deleted one. The line of a
// workspace comes before those of its rooms, so each line belongs to the workspace that was named last. A contact that
// leaves a workspace leaves all of its rooms, whatever stays as it was.
func roomsOf(id string, before, after *grapevine.Contact) string {
	was, is := workspaceOf(before), workspaceOf(after)
	leave := roomLeft
	if after == nil {
		leave = roomDeleted
	}
	var lines roomLines
	if was == is {
		lines.addUpdate(is, id, ownerRoomOf(before), ownerRoomOf(after))
	} else {
		lines.add(was, id, leave, ownerRoomOf(before))
		lines.add(is, id, roomJoined, ownerRoomOf(after))
	}
	return strings.Join(lines, "\n")
}

// roomLines are the lines of an entry, see [pendingEntry].
type roomLines []string

// add adds the rooms of a contact in a workspace that all see the same change. Empty names are no rooms.
func (l *roomLines) add(workspace, id string, change roomChange, owner string) {
	if workspace == "" {
		return
	}
	l.line(change, WorkspaceRoom(workspace))
	l.line(change, owner)
	l.line(change, contactRoom+id)
}

// addUpdate adds the rooms of a contact that stays in a workspace. Its owner may be another one.
func (l *roomLines) addUpdate(workspace, id, ownerWas, ownerIs string) {
	if workspace == "" {
		return
	}
	l.line(roomUpdated, WorkspaceRoom(workspace))
	if ownerWas == ownerIs {
		l.line(roomUpdated, ownerIs)
	} else {
		l.line(roomLeft, ownerWas)
		l.line(roomJoined, ownerIs)
	}
	l.line(roomUpdated, contactRoom+id)
}

func (l *roomLines) line(change roomChange, room string) {
	if room != "" {
		*l = append(*l, string(change)+room)
	}
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
	By        *grapevine.Author  `json:"by,omitempty"`
}

// about is the text of a frame after `{"event":…,"room":…,`. The error is a *[grapevine.DeadLetter].
func (s suffix) about(contact *grapevine.Contact) (string, error) {
	s.Contact = contact
	text, err := json.Marshal(s)
	if err == nil && len(text) > maxContactJSON && tooLong(contact) {
		s.Contact, s.Truncated = nil, true
		text, err = json.Marshal(s)
	}
	if err != nil {
		return "", &grapevine.DeadLetter{Position: s.Position, Reason: "the contact cannot be written as JSON: " + err.Error()}
	}
	return string(text[1:]), nil
}

func tooLong(contact *grapevine.Contact) bool {
	text, err := json.Marshal(contact)
	return err == nil && len(text) > maxContactJSON
}

// resyncSuffix is the text of a resync frame after `{"event":"resync",`.
func resyncSuffix(at grapevine.Position, reason grapevine.ResyncReason) string {
	return `"position":"` + at.String() + `","reason":"` + string(reason.Known()) + `"}`
}
