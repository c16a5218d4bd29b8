package ws

import (
	"encoding/binary"
	"encoding/json"

	"github.com/gofiber/contrib/websocket"

	"grapevine"
)

// frame is one WebSocket message as it goes over the wire, header included (a server's frames are not
// masked, so all sockets can share one). It has two parts because the end of an event's frame is the
// same in every room. It never changes.
type frame struct {
	head []byte // WebSocket header and the beginning of the payload
	tail string
}

func (f *frame) size() int { return len(f.head) + len(f.tail) }

// appendTo writes the frame behind b.
func (f *frame) appendTo(b []byte) []byte { return append(append(b, f.head...), f.tail...) }

// textFrame is a text message.
func textFrame(payload string) *frame { return splitFrame("", payload) }

// splitFrame is a text message whose payload is head and tail joined.
func splitFrame(head, tail string) *frame {
	b := make([]byte, 0, 10+len(head))
	b = appendHeader(b, websocket.TextMessage, len(head)+len(tail))
	return &frame{head: append(b, head...), tail: tail}
}

// control is a ping, pong or close message; payload is at most 125 bytes.
func control(opcode int, payload []byte) *frame {
	return &frame{head: append(appendHeader(nil, opcode, len(payload)), payload...)}
}

// appendHeader writes the header of an unfragmented, unmasked message (RFC 6455, 5.2).
func appendHeader(b []byte, opcode, length int) []byte {
	b = append(b, 0x80|byte(opcode))
	switch {
	case length <= 125:
		return append(b, byte(length))
	case length <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(length))
}

// ack answers a request that succeeded.
type ack struct {
	Op        string              `json:"op"`
	Ref       *string             `json:"ref,omitempty"`
	Room      string              `json:"room,omitempty"`
	Position  *grapevine.Position `json:"position,omitempty"`
	Recovered *bool               `json:"recovered,omitempty"`
}

// refusal answers a request that failed; the socket stays open.
type refusal struct {
	Op      string  `json:"op"`
	Ref     *string `json:"ref,omitempty"`
	Code    code    `json:"code"`
	Message string  `json:"message"`
}

// code is what clients tell refusals apart by.
type code string

const (
	badRequest   code = "bad-request"
	unknownRoom  code = "unknown-room"
	badPosition  code = "bad-position"
	notJoined    code = "not-joined"
	tooManyRooms code = "too-many-rooms"
)

// Close codes beside those of RFC 6455.
const (
	closeSlow     = 4008 // the client cannot keep up; it may come back with `since`
	closeNotJSON  = 4400
	closeOrigin   = 4403
	closeRestart  = websocket.CloseGoingAway
	closeInternal = websocket.CloseInternalServerErr
)

func encode(v any) *frame {
	b, err := json.Marshal(v)
	if err != nil { // our own types, which always have a JSON form
		panic(err)
	}
	return textFrame(string(b))
}

func presenceFrame(room string, members int) *frame {
	return encode(struct {
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
