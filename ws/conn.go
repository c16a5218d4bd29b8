package ws

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	fasthttpws "github.com/fasthttp/websocket"
	"github.com/gofiber/contrib/websocket"
)

const (
	maxRequest = 4 << 10 // bytes of a client's frame
	lingering  = 2 * time.Second
)

// conn is a connection between its two goroutines: read is the handler's own, write is the only one
// that writes. Frames are written straight to the network connection, many at a time; the library's
// writer makes a system call for each.
type conn struct {
	hub    *Hub
	socket *socket
	ws     *fasthttpws.Conn
	net    net.Conn
	failed bool      // a write failed: a frame may be cut in two, nothing can follow
	until  time.Time // of the write deadline last set

	mu       sync.Mutex
	draining bool // what still comes is thrown away; the read deadline stands
}

// listen moves the time by which the client has to be heard again.
func (k *conn) listen() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.draining {
		_ = k.net.SetReadDeadline(time.Now().Add(k.hub.cfg.PongWithin)) // an error shows in the read
	}
}

// drain gives the client that long to answer the close frame.
func (k *conn) drain(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.draining = true
	_ = k.net.SetReadDeadline(time.Now().Add(d)) // an error shows in the read
}

// errRate says that a client sends more than it may.
var errRate = errors.New("too many frames")

// read handles what the client sends until the connection ends, and begins the socket's end.
func (k *conn) read() {
	s := k.socket
	defer func() {
		if p := recover(); p != nil {
			k.hub.panicked(p)
			s.close(closeInternal, "internal error")
		}
		s.close(0, "")
	}()
	rate := bucket{rate: float64(k.hub.cfg.Rate), left: float64(2 * k.hub.cfg.Rate), at: time.Now()}
	k.ws.SetCloseHandler(func(int, string) error { return nil }) // the default one writes
	k.ws.SetPongHandler(func(string) error { k.listen(); return nil })
	k.ws.SetPingHandler(func(payload string) error {
		if !rate.take() {
			return errRate
		}
		k.listen()
		s.send(control(websocket.PongMessage, []byte(payload)), k.hub.cfg.MaxQueue)
		return nil
	})
	k.listen()
	buf := make([]byte, maxRequest+1)
	for {
		kind, n, err := k.next(buf)
		if s.ctx.Err() != nil {
			if err != nil {
				return
			}
			continue // the close frame is under way
		}
		var closed *fasthttpws.CloseError
		switch {
		case errors.As(err, &closed):
			code := closed.Code
			if code == websocket.CloseNoStatusReceived {
				code = websocket.CloseNormalClosure
			}
			s.close(code, "")
			return
		case errors.Is(err, errRate), err == nil && !rate.take():
			s.close(websocket.ClosePolicyViolation, "too many frames")
		case err != nil: // gone, or silent, or not WebSocket, which the library has answered with 1002
			return
		case n > maxRequest:
			s.close(websocket.CloseMessageTooBig, "a frame has at most 4096 bytes")
		case kind != websocket.TextMessage:
			s.close(closeNotJSON, "not text")
		case !utf8.Valid(buf[:n]):
			s.close(websocket.CloseInvalidFramePayloadData, "not UTF-8")
		default:
			k.listen()
			k.request(buf[:n])
		}
	}
}

// next reads one message into buf; more than fits is read by the next call, and thrown away.
func (k *conn) next(buf []byte) (kind, n int, err error) {
	kind, r, err := k.ws.NextReader()
	if err != nil {
		return 0, 0, err
	}
	n, err = io.ReadFull(r, buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return kind, n, err
}

func (k *conn) request(frame []byte) {
	q, err := parseRequest(frame, k.socket.ns)
	if r, ok := errors.AsType[*refused](err); ok {
		k.hub.refuse(k.socket, q.ref, r)
		return
	}
	if err != nil {
		k.socket.close(closeNotJSON, "not a JSON object")
		return
	}
	k.hub.handle(k.socket, q)
}

// bucket is a token bucket for one goroutine.
type bucket struct {
	rate, left float64
	at         time.Time
}

func (b *bucket) take() bool {
	now := time.Now()
	b.left = min(2*b.rate, b.left+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
