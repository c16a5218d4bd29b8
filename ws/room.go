package ws

import "grapevine/events"

// namespace is one of the two endpoints. They have different rooms.
type namespace byte

const (
	contactsNamespace namespace = iota
	pipelineNamespace
)

// validRoom reports whether room is the name of a room of this endpoint.
func (n namespace) validRoom(room string) bool {
	if n == pipelineNamespace {
		return room == PipelineRoom
	}
	return events.ValidRoom(room)
}

// roomNames describes the names of the rooms, for an error message.
func (n namespace) roomNames() string {
	if n == pipelineNamespace {
		return "the room here is pipeline"
	}
	return "a room is workspace:<id>, contact:<id> or owner:<id>"
}
