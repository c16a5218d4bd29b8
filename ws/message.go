package ws

import (
	"encoding/json"

	"github.com/gofiber/contrib/websocket"

	"grapevine"
)

// Values of "op" in the client's and the server's messages.
const (
	opJoin  = "join"
	opLeave = "leave"
	opPing  = "ping"
	opAck   = "ack"
	opError = "error"
)

// Close codes beside those of RFC 6455.
const (
	closeSlow     = 4008 // the client cannot keep up; it may come back with `since`
	closeNotJSON  = 4400
	closeOrigin   = 4403
	closeRestart  = websocket.CloseGoingAway
	closeInternal = websocket.CloseInternalServerErr
)

// ack answers a request that succeeded.
type ack struct {
	Op        string              `json:"op"`
	Ref       *string             `json:"ref,omitempty"`
	Room      string              `json:"room,omitempty"`
	Position  *grapevine.Position `json:"position,omitempty"`
	Recovered *bool               `json:"recovered,omitempty"`
}

// errorReply answers a request that failed. The socket stays open.
type errorReply struct {
	Op      string  `json:"op"`
	Ref     *string `json:"ref,omitempty"`
	Code    code    `json:"code"`
	Message string  `json:"message"`
}

// code is the machine-readable reason of an errorReply.
type code string

const (
	badRequest   code = "bad-request"
	unknownRoom  code = "unknown-room"
	badPosition  code = "bad-position"
	notJoined    code = "not-joined"
	tooManyRooms code = "too-many-rooms"
)

func errorFrame(ref *string, r *requestError) *frame {
	return encodeFrame(errorReply{opError, ref, r.code, r.message})
}

func presenceFrame(room string, members int) *frame {
	return encodeFrame(struct {
		Event   string `json:"event"`
		Room    string `json:"room"`
		Members int    `json:"members"`
	}{"presence", room, members})
}

func stateFrame(degraded bool) *frame {
	if degraded {
		return textFrame(`{"event":"pipeline","state":"degraded"}`)
	}
	return textFrame(`{"event":"pipeline","state":"live"}`)
}

func encodeFrame(v any) *frame {
	b, err := json.Marshal(v)
	if err != nil { // the types of this file can always be written as JSON
		panic(err)
	}
	return textFrame(string(b))
}
