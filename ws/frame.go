package ws

import (
	"encoding/binary"

	"github.com/gofiber/contrib/websocket"
)

// frame is one WebSocket message as it goes over the wire, with its header. It never changes.
//
// Frames are made here and not by the WebSocket library, because a server's frames are not masked: one frame
// serves all sockets of a room, and many frames leave in one system call. The library would build the frame
// again for each socket, and make a system call for each. A frame has two parts, because the end of an event's
// frame is the same in every room.
type frame struct {
	head []byte // WebSocket header and the beginning of the payload
	tail string
}

func (f *frame) size() int { return len(f.head) + len(f.tail) }

// appendTo appends the frame to b.
func (f *frame) appendTo(b []byte) []byte { return append(append(b, f.head...), f.tail...) }

// textFrame is a text message.
func textFrame(payload string) *frame { return splitFrame("", payload) }

// splitFrame is a text message whose payload is head and tail joined.
func splitFrame(head, tail string) *frame {
	b := make([]byte, 0, 10+len(head))
	b = appendHeader(b, websocket.TextMessage, len(head)+len(tail))
	return &frame{head: append(b, head...), tail: tail}
}

// controlFrame is a ping, pong or close message. payload has at most 125 bytes.
func controlFrame(opcode int, payload []byte) *frame {
	return &frame{head: append(appendHeader(nil, opcode, len(payload)), payload...)}
}

// appendHeader appends the header of an unfragmented, unmasked message (RFC 6455, 5.2).
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
