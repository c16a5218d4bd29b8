package events

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"grapevine"
)

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

// WorkspaceRoom is the room of a workspace.
func WorkspaceRoom(workspace string) string { return workspaceRoom + workspace }

// workspaceRoomOf is the room of the contact's workspace; empty if there is none.
func workspaceRoomOf(c *grapevine.Contact) string {
	if c == nil || !grapevine.ValidWorkspace(c.Workspace) {
		return ""
	}
	return WorkspaceRoom(c.Workspace)
}

// ownerRoomOf is the room of the contact's owner; empty if there is none.
func ownerRoomOf(c *grapevine.Contact) string {
	if c == nil || !validOwner(c.Owner) {
		return ""
	}
	return CanonicalRoom(ownerRoom + c.Owner)
}
