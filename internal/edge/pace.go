package edge

import (
	"net"
	"os"
	"time"
)

// Pace is the slowest rate at which a client may send a body or read an answer: at least Bytes in each Window. Only the
// time that the server waits for the client counts. A limit of the whole time would cut off a large body on a slow line.
type Pace struct {
	Window time.Duration
	Bytes  int
}

// slowAfter is the wait after which a client counts as slow.
func (p Pace) slowAfter() time.Duration { return p.Window / 15 }

// ErrTooSlow says that a client was slower than its [Pace]. It is a timeout, like a passed deadline of a connection.
var ErrTooSlow error = &net.OpError{Op: "wait for the client", Err: os.ErrDeadlineExceeded}

// meter measures one direction of a connection. Not safe for concurrent use.
type meter struct {
	pace   Pace
	waited time.Duration // in this window
	moved  int           // bytes in this window
}

// add counts a wait in which bytes moved. It returns [ErrTooSlow] at the end of a window with too few of them.
func (m *meter) add(bytes int, wait time.Duration) error {
	m.waited += wait
	m.moved += bytes
	if m.waited < m.pace.Window {
		return nil
	}
	enough := m.moved >= m.pace.Bytes
	m.waited, m.moved = 0, 0
	if !enough {
		return ErrTooSlow
	}
	return nil
}
