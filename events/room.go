package events

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"grapevine"
)

// Room is a room as sockets join it. Its name says what a client follows. The rooms of a contact and of an owner exist once
// in each workspace, and nothing of another workspace reaches them. As text it is the key of an announcement.
type Room struct {
	Workspace string // empty for the room of /ws/pipeline
	Name      string
}

// MarshalText implements [encoding.TextMarshaler].
func (r Room) MarshalText() ([]byte, error) {
	if r == roomOfSignal(r.Name) {
		return []byte(r.Name), nil
	}
	return []byte(r.Workspace + "/" + r.Name), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. A text without a workspace, which an earlier program announces for
// the rooms of owners, is a room that nobody joins.
func (r *Room) UnmarshalText(text []byte) error {
	workspace, name, found := strings.Cut(string(text), "/")
	if found && grapevine.ValidWorkspace(workspace) {
		*r = Room{workspace, name}
	} else {
		*r = roomOfSignal(string(text))
	}
	return nil
}

// roomOfSignal is the room that a signal names: that of a workspace, or the one of /ws/pipeline.
func roomOfSignal(name string) Room {
	workspace, _ := WorkspaceOfRoom(name)
	return Room{workspace, name}
}

// Prefixes of the names of rooms. The id of a workspace, contact or owner follows.
const (
	workspaceRoom = "workspace:"
	contactRoom   = "contact:"
	ownerRoom     = "owner:"
)

// ValidRoom reports whether room is the name of a room of contacts. It does not ask whether the workspace,
// contact or owner exists: it may be created later, and the answer would tell strangers which ones exist.
func ValidRoom(room string) bool {
	kind, name, _ := strings.Cut(room, ":")
	switch kind + ":" {
	case workspaceRoom:
		return grapevine.ValidWorkspace(name)
	case contactRoom:
		return grapevine.ValidID(name)
	case ownerRoom:
		return validOwner(name)
	}
	return false
}

// CanonicalRoom is the name of a room in Unicode's form NFC. A direct edit may store an owner in another form, and a
// client may ask in another form; for people it is one owner.
func CanonicalRoom(room string) string { return norm.NFC.String(room) }

// validOwner reports whether an owner has a room. The API accepts the same owners, except for control
// characters: a room is one line of an entry.
func validOwner(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= grapevine.MaxName && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// WorkspaceRoom is the name of the room of a workspace.
func WorkspaceRoom(workspace string) string { return workspaceRoom + workspace }

// WorkspaceOfRoom is the workspace that a room has in its name. found is false for the rooms of contacts and owners.
func WorkspaceOfRoom(name string) (workspace string, found bool) {
	if !strings.HasPrefix(name, workspaceRoom) {
		return "", false
	}
	return name[len(workspaceRoom):], true
}

// workspaceOf is the contact's workspace; empty if it has none that somebody could join. Such a contact, which only a
// direct edit makes, is in no room.
func workspaceOf(c *grapevine.Contact) string {
	if c == nil || !grapevine.ValidWorkspace(c.Workspace) {
		return ""
	}
	return c.Workspace
}

// ownerRoomOf is the room of the contact's owner; empty if there is none.
func ownerRoomOf(c *grapevine.Contact) string {
	if c == nil || !validOwner(c.Owner) {
		return ""
	}
	return CanonicalRoom(ownerRoom + c.Owner)
}
