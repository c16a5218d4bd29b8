package ws

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"grapevine"
)

// pipelineRoom is the one room of /ws/pipeline.
const pipelineRoom = "pipeline"

// namespace tells the two endpoints apart: they have different rooms.
type namespace byte

const (
	contacts namespace = iota
	pipeline
)

// validRoom reports whether room has one of the namespace's shapes. Whether what it names exists is
// not asked: it may come to exist, and an answer would tell strangers what does.
func (n namespace) validRoom(room string) bool {
	if n == pipeline {
		return room == pipelineRoom
	}
	kind, id, _ := strings.Cut(room, ":")
	switch kind {
	case "workspace":
		return grapevine.ValidWorkspace(id)
	case "contact":
		return grapevine.ValidID(id)
	case "owner":
		return validOwner(id)
	}
	return false
}

// validOwner reports whether s can name a room: what the API takes as an owner, and no control
// characters, for a room is a line in an entry of the history.
func validOwner(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= grapevine.MaxName && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
