package edge

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"
)

// BodyTimeout is a time limit that no request needs. A read deadline this far away tells a connection of a
// [PacedListener] that a body follows; the connection then bounds the reads by the pace. Any other read deadline is a
// limit as usual.
const BodyTimeout = 24 * time.Hour

// maxPiece is how much one write hands to the kernel, so that a client that reads is noticed in time.
const maxPiece = 64 << 10

// errTooManySlow ends the connection of a slow client for which there is no place.
var errTooManySlow error = &net.OpError{Op: "wait for one more slow client", Err: os.ErrDeadlineExceeded}

// pacedConn bounds reads of a body and all writes. Whoever sets a deadline of writes bounds both instead, such as the
// owner of a WebSocket.
type pacedConn struct {
	net.Conn
	slow   *Quota
	client netip.Addr

	sending   meter       // of the client, which sends a body
	body      bool        // the client sends one
	slowBody  atomic.Bool // the body holds a place in slow
	reading   meter       // of the client, which reads an answer
	takenOver atomic.Bool
}

// Read implements [net.Conn]. An error of the pace comes without bytes, because fasthttp drops an error that comes with
// some and reads on.
func (c *pacedConn) Read(p []byte) (int, error) {
	if !c.body {
		return c.Conn.Read(p)
	}
	for {
		slow, wait := c.slowBody.Load(), c.sending.pace.slowAfter()
		if slow {
			wait = c.sending.pace.Window
		}
		start := time.Now()
		if err := c.Conn.SetReadDeadline(start.Add(wait)); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(p)
		late := errors.Is(err, os.ErrDeadlineExceeded)
		if tooSlow := c.sending.add(n, time.Since(start)); tooSlow != nil || late && slow {
			return 0, ErrTooSlow
		}
		if !late {
			return n, err
		}
		if !c.slow.Take(c.client, 1) {
			return n, errTooManySlow
		}
		c.slowBody.Store(true)
	}
}

// Write implements [net.Conn].
func (c *pacedConn) Write(p []byte) (written int, err error) {
	if c.takenOver.Load() {
		return c.Conn.Write(p)
	}
	wait, slow := c.reading.pace.slowAfter(), false
	for len(p) > 0 {
		start := time.Now()
		if err := c.Conn.SetWriteDeadline(start.Add(wait)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(p[:min(len(p), maxPiece)])
		written += n
		p = p[n:]
		late := errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && !late {
			return written, err
		}
		if err := c.reading.add(n, time.Since(start)); err != nil {
			return written, err
		}
		if late && slow && n == 0 { // bytes from before the pause do not count
			return written, ErrTooSlow
		}
		if late && !slow {
			if !c.slow.Take(c.client, 1) {
				return written, errTooManySlow
			}
			defer c.slow.Return(c.client, 1)
			wait, slow = c.reading.pace.Window, true
		}
	}
	return written, nil
}

// SetReadDeadline implements [net.Conn].
func (c *pacedConn) SetReadDeadline(t time.Time) error {
	if !c.takenOver.Load() {
		c.release()
		if c.body = time.Until(t) > BodyTimeout/2; c.body {
			c.sending = meter{pace: c.sending.pace}
		}
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline implements [net.Conn].
func (c *pacedConn) SetWriteDeadline(t time.Time) error {
	c.takenOver.Store(true)
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *pacedConn) SetDeadline(t time.Time) error {
	if !c.takenOver.Swap(true) {
		c.release()
		c.body = false
	}
	return c.Conn.SetDeadline(t)
}

// Close implements [net.Conn].
func (c *pacedConn) Close() error {
	c.release()
	return c.Conn.Close()
}

// release gives back the place of a body that was slow.
func (c *pacedConn) release() {
	if c.slowBody.Swap(false) {
		c.slow.Return(c.client, 1)
	}
}
