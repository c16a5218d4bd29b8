package ws

import (
	"fmt"

	"grapevine/events"
)

// namespace is one of the two endpoints. They have different rooms.
type namespace byte

const (
	contactsNamespace namespace = iota
	pipelineNamespace
)

// pipelineRoom is the room that the sockets of /ws/pipeline are in.
var pipelineRoom = events.Room{Name: PipelineRoom}

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

// params describes the parameters of the endpoint's URL, for an error message.
func (n namespace) params() string {
	if n == pipelineNamespace {
		return "This socket has no parameters."
	}
	return "The only parameter of this socket is workspace."
}

// checkWorkspace returns a *requestError if the room is that of another workspace than the socket's. The rooms of contacts
// and owners are those within the socket's workspace.
func checkWorkspace(room events.Room) error {
	if other, found := events.WorkspaceOfRoom(room.Name); found && other != room.Workspace {
		return &requestError{forbidden, fmt.Sprintf("this socket belongs to the workspace %s; open one for the workspace %s", room.Workspace, other)}
	}
	return nil
}
