package ws

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"golang.org/x/time/rate"
)

const (
	maxRequest  = 4 << 10 // bytes of a client's message
	closeLinger = 2 * time.Second
)

// conn is the connection of a socket. The handler's goroutine reads it, and the [writer]'s goroutine writes
// to it.
type conn struct {
	hub    *Hub
	socket *socket
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
	c.extendReadDeadline()
	frames := newFrameReader(c.net)
	for {
		opcode, payload, err := frames.next()
		broken, isProtocol := errors.AsType[*protocolError](err)
		switch {
		case isProtocol:
			s.close(broken.code, broken.reason)
			_, _ = io.Copy(io.Discard, c.net) // until the client has read the close frame or its time is over
			return
		case err != nil: // the client is gone or silent
			return
		case opcode == websocket.CloseMessage:
			s.close(closeCodeOf(payload), "")
			return
		case s.ctx.Err() != nil: // the writer is sending the close frame
		case opcode != websocket.PongMessage && !limiter.Allow():
			s.close(websocket.ClosePolicyViolation, "too many frames")
		default:
			c.extendReadDeadline()
			c.handle(opcode, payload)
		}
	}
}

// handle handles a message, a ping or a pong.
func (c *conn) handle(opcode int, payload []byte) {
	switch opcode {
	case websocket.TextMessage:
		c.request(payload)
	case websocket.PingMessage:
		c.socket.enqueue(controlFrame(websocket.PongMessage, payload))
	case websocket.BinaryMessage:
		c.socket.close(closeNotJSON, "not text")
	}
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
