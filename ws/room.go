package ws

import "grapevine/events"

// pipelineRoom is the one room of /ws/pipeline.
const pipelineRoom = "pipeline"

// namespace tells the two endpoints apart: they have different rooms.
type namespace byte

const (
	contacts namespace = iota
	pipeline
)

// validRoom reports whether room is the name of a room of this endpoint.
func (n namespace) validRoom(room string) bool {
	if n == pipeline {
		return room == pipelineRoom
	}
	return events.ValidRoom(room)
}
