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
	"golang.org/x/time/rate"
)

const (
	maxRequest  = 4 << 10 // bytes of a client's frame
	closeLinger = 2 * time.Second
)

// conn is the connection of a socket. The handler's goroutine reads it, and the [writer]'s goroutine writes
// to it.
type conn struct {
	hub    *Hub
	socket *socket
	ws     *fasthttpws.Conn
	net    net.Conn

	mu       sync.Mutex
	draining bool // frames are thrown away, and the read deadline stands
}

// extendReadDeadline moves the time until which the client has to send something.
func (c *conn) extendReadDeadline() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.draining {
		_ = c.net.SetReadDeadline(time.Now().Add(c.hub.cfg.PongWithin)) // an error shows in the read
	}
}

// drain gives the client a time to answer the close frame.
func (c *conn) drain(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining = true
	_ = c.net.SetReadDeadline(time.Now().Add(d)) // an error shows in the read
}

// errRate says that a client sends too many frames.
var errRate = errors.New("too many frames")

// read handles the client's frames until the connection ends, and then closes the socket.
func (c *conn) read() {
	s := c.socket
	defer func() {
		if p := recover(); p != nil {
			c.hub.logPanic(p)
			s.close(closeInternal, "internal error")
		}
		s.close(0, "")
	}()
	limiter := rate.NewLimiter(rate.Limit(c.hub.cfg.Rate), 2*c.hub.cfg.Rate)
	c.ws.SetCloseHandler(func(int, string) error { return nil }) // the default handler writes
	c.ws.SetPongHandler(func(string) error { c.extendReadDeadline(); return nil })
	c.ws.SetPingHandler(func(payload string) error {
		if !limiter.Allow() {
			return errRate
		}
		c.extendReadDeadline()
		s.enqueue(controlFrame(websocket.PongMessage, []byte(payload)))
		return nil
	})
	c.extendReadDeadline()
	buf := make([]byte, maxRequest+1)
	for {
		kind, n, err := c.next(buf)
		if s.ctx.Err() != nil {
			if err != nil {
				return
			}
			continue // the writer is sending the close frame
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
		case errors.Is(err, errRate), err == nil && !limiter.Allow():
			s.close(websocket.ClosePolicyViolation, "too many frames")
		case err != nil: // the client is gone or silent, or broke the protocol, which the library answers with 1002
			return
		case n > maxRequest:
			s.close(websocket.CloseMessageTooBig, "a frame has at most 4096 bytes")
		case kind != websocket.TextMessage:
			s.close(closeNotJSON, "not text")
		case !utf8.Valid(buf[:n]):
			s.close(websocket.CloseInvalidFramePayloadData, "not UTF-8")
		default:
			c.extendReadDeadline()
			c.request(buf[:n])
		}
	}
}

// next reads one message into buf. The rest of a longer message is skipped by the next call.
func (c *conn) next(buf []byte) (kind, n int, err error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return 0, 0, err
	}
	n, err = io.ReadFull(r, buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return kind, n, err
}

func (c *conn) request(frame []byte) {
	q, err := parseRequest(frame, c.socket.ns)
	if r, ok := errors.AsType[*requestError](err); ok {
		c.socket.enqueue(errorFrame(q.ref, r))
		return
	}
	if err != nil {
		c.socket.close(closeNotJSON, "not a JSON object")
		return
	}
	c.hub.handle(c.socket, q)
}
