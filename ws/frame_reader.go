package ws

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"github.com/gofiber/contrib/websocket"
)

// Bits of the first two bytes of a frame (RFC 6455, 5.2).
const (
	finalBit     = 0x80
	reservedBits = 0x70
	opcodeBits   = 0x0f
	maskBit      = 0x80
	lengthBits   = 0x7f
	length16     = 126 // the length is in the next 2 bytes
	length64     = 127 // the length is in the next 8 bytes
	maxControl   = 125 // bytes in a control frame
	continuation = 0
	maxFragments = 100  // of a message between two control frames
	readBuffer   = 1024 // bytes of one socket
	firstControl = websocket.CloseMessage
)

// Close codes that a client may send beside 1000 to 1003 (RFC 6455, 7.4, and the registry of IANA).
const (
	firstRegistered = websocket.CloseInvalidFramePayloadData // 1007
	lastRegistered  = 1014
	firstFreeCode   = 3000
	lastFreeCode    = 4999
)

// protocolError ends a socket: the client broke RFC 6455 or a limit. It is the close frame to send.
type protocolError struct {
	code   int
	reason string
}

func (e *protocolError) Error() string { return e.reason }

// frameReader reads the messages of a client. It refuses everything that RFC 6455 forbids, and messages over
// [maxRequest]. The reader of the WebSocket library accepts a close frame of one byte, and writes its own close frames
// beside those of [writer].
type frameReader struct {
	r       *bufio.Reader
	message []byte // of the frames of a fragmented message so far; reused by the next message
	opcode  int    // of the message that is not complete yet; continuation means none
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer)}
}

// next returns the next complete message or control frame. payload is valid until the next call. The error is a
// *protocolError, or that of the connection.
func (f *frameReader) next() (opcode int, payload []byte, err error) {
	for fragments := 1; ; fragments++ {
		var final bool
		if final, opcode, payload, err = f.frame(); err != nil || opcode >= firstControl {
			return opcode, payload, err
		}
		if !final {
			if fragments == maxFragments {
				return 0, nil, &protocolError{websocket.ClosePolicyViolation, "a message has too many frames"}
			}
			continue
		}
		kind := f.opcode
		f.opcode = continuation
		if kind == websocket.TextMessage && !utf8.Valid(payload) {
			return 0, nil, &protocolError{websocket.CloseInvalidFramePayloadData, "not UTF-8"}
		}
		return kind, payload, nil
	}
}

// frame reads one frame. The payload of a data frame is everything that its message has so far.
func (f *frameReader) frame() (final bool, opcode int, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return false, 0, nil, err
	}
	final, opcode = head[0]&finalBit != 0, int(head[0]&opcodeBits)
	length, err := f.length(head[1] & lengthBits)
	if err != nil {
		return false, 0, nil, err
	}
	if fault := f.fault(head, opcode, final, length); fault != "" {
		return false, 0, nil, &protocolError{websocket.CloseProtocolError, fault}
	}
	var mask [4]byte
	if opcode >= firstControl {
		payload = make([]byte, length)
		if err = f.payload(mask[:], payload); err == nil && opcode == websocket.CloseMessage {
			err = checkClose(payload)
		}
		return true, opcode, payload, err
	}
	if opcode != continuation {
		f.opcode, f.message = opcode, f.message[:0]
	}
	start := len(f.message)
	if length > uint64(maxRequest-start) {
		return false, 0, nil, &protocolError{websocket.CloseMessageTooBig, "a message has at most 4096 bytes"}
	}
	f.message = append(f.message, make([]byte, length)...)
	err = f.payload(mask[:], f.message[start:])
	return final, opcode, f.message, err
}

// length reads the rest of a frame's length.
func (f *frameReader) length(short byte) (uint64, error) {
	var b [8]byte
	switch short {
	case length16:
		_, err := io.ReadFull(f.r, b[:2])
		return uint64(binary.BigEndian.Uint16(b[:2])), err
	case length64:
		_, err := io.ReadFull(f.r, b[:])
		return binary.BigEndian.Uint64(b[:]), err
	}
	return uint64(short), nil
}

// fault says what RFC 6455 forbids in the head of a frame, or returns "".
func (f *frameReader) fault(head [2]byte, opcode int, final bool, length uint64) string {
	switch {
	case head[0]&reservedBits != 0:
		return "a reserved bit is set"
	case head[1]&maskBit == 0:
		return "the frame is not masked"
	case opcode > websocket.PongMessage || opcode > websocket.BinaryMessage && opcode < firstControl:
		return "the opcode is unknown"
	case opcode >= firstControl && (!final || length > maxControl):
		return "a control frame is fragmented or longer than 125 bytes"
	case opcode == continuation && f.opcode == continuation:
		return "there is no message to continue"
	case opcode != continuation && opcode < firstControl && f.opcode != continuation:
		return "a message begins inside another one"
	}
	return ""
}

// payload reads the mask and the payload of a frame, and takes the mask off.
func (f *frameReader) payload(mask, payload []byte) error {
	if _, err := io.ReadFull(f.r, mask); err != nil {
		return err
	}
	if _, err := io.ReadFull(f.r, payload); err != nil {
		return err
	}
	for i := range payload {
		payload[i] ^= mask[i%len(mask)]
	}
	return nil
}

// checkClose checks the payload of a close frame: nothing, or a code that a client may send and a reason in UTF-8.
func checkClose(payload []byte) error {
	switch code := closeCodeOf(payload); {
	case len(payload) == 1:
		return &protocolError{websocket.CloseProtocolError, "a close frame has no byte or a code of two"}
	case !validCloseCode(code):
		return &protocolError{websocket.CloseProtocolError, "the close code is reserved"}
	case len(payload) > 2 && !utf8.Valid(payload[2:]):
		return &protocolError{websocket.CloseInvalidFramePayloadData, "the reason is not UTF-8"}
	}
	return nil
}

// closeCodeOf is the code of a close frame; without one it is 1000.
func closeCodeOf(payload []byte) int {
	if len(payload) < 2 {
		return websocket.CloseNormalClosure
	}
	return int(binary.BigEndian.Uint16(payload))
}

func validCloseCode(code int) bool {
	return code >= websocket.CloseNormalClosure && code <= websocket.CloseUnsupportedData ||
		code >= firstRegistered && code <= lastRegistered || code >= firstFreeCode && code <= lastFreeCode
}
