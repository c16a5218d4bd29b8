package ws

import (
	"encoding/json"
	"errors"
	"fmt"

	"grapevine"
	"grapevine/events"
)

// request is one message of a client.
type request struct {
	op       string // opJoin, opLeave or opPing; empty if the endpoint itself subscribes
	ref      *string
	room     string
	since    *grapevine.Position
	presence bool
}

const maxRef = 64 // bytes; the ref is sent back

// errNotObject says that a message is not a JSON object. The sender speaks another protocol, so its socket is
// closed with 4400.
var errNotObject = errors.New("a message is one JSON object")

// requestError is the error of a request that is answered with an errorReply.
type requestError struct {
	code    code
	message string
}

func (r *requestError) Error() string { return r.message }

// parseRequest reads a message. The error is errNotObject or a *requestError. With a *requestError, the request
// has the ref if there was one. Unknown members are refused: a mistyped "since" would otherwise be a silent gap.
func parseRequest(frame []byte, ns namespace) (request, error) {
	var q request
	var members map[string]json.RawMessage
	if err := json.Unmarshal(frame, &members); err != nil || members == nil {
		return q, errNotObject
	}
	if raw, ok := members["ref"]; ok {
		var ref string
		if json.Unmarshal(raw, &ref) != nil || len(ref) > maxRef || string(raw) == "null" {
			return q, &requestError{badRequest, fmt.Sprintf("ref is a string of at most %d bytes", maxRef)}
		}
		q.ref = &ref
	}
	var since *string
	for name, raw := range members {
		var err error
		switch name {
		case "ref":
		case "op":
			err = json.Unmarshal(raw, &q.op)
		case "room":
			err = json.Unmarshal(raw, &q.room)
		case "since":
			if err = json.Unmarshal(raw, &since); err != nil {
				return q, &requestError{badPosition, "since is a position, which is a string"}
			}
		case "presence":
			err = json.Unmarshal(raw, &q.presence)
		default:
			return q, &requestError{badRequest, fmt.Sprintf("a frame has no member %.64q", name)}
		}
		if err != nil {
			return q, &requestError{badRequest, name + " has the wrong type"}
		}
	}
	switch q.op {
	case opJoin, opLeave:
		if !ns.validRoom(q.room) {
			return q, &requestError{unknownRoom, ns.roomNames()}
		}
		q.room = events.CanonicalRoom(q.room)
	case opPing:
		if q.room != "" {
			return q, &requestError{badRequest, "a ping has no room"}
		}
	default:
		return q, &requestError{badRequest, "op is join, leave or ping"}
	}
	if q.op != opJoin && (since != nil || q.presence) {
		return q, &requestError{badRequest, "since and presence belong to a join"}
	}
	if since != nil {
		at, err := grapevine.ParsePosition(*since)
		if err != nil {
			return q, &requestError{badPosition, err.Error()}
		}
		q.since = &at
	}
	return q, nil
}
