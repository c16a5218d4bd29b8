package ws

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
)

const (
	writeBuffer = 32 << 10 // bytes that leave in one system call
	maxSpare    = 64       // frames of an empty queue that an idle socket keeps memory for
)

// buffers are shared by all writers, because an idle socket needs none.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, writeBuffer); return &b }}

// writer writes to a connection: queued frames, replays and pings. It writes straight to the network
// connection, many frames at a time. The writer of the WebSocket library makes a system call for each frame.
type writer struct {
	*conn
	ping     *time.Timer // of the next ping
	retry    *time.Timer // of a replay that has to wait
	spare    []*frame    // memory for the next queue
	deadline time.Time   // of writes, as last set
	failed   bool        // a write failed, perhaps in the middle of a frame, so nothing can follow
}

func newWriter(c *conn) *writer {
	// The first ping comes at random, so that clients that came together are not pinged together.
	w := &writer{conn: c, ping: time.NewTimer(rand.N(c.hub.cfg.PingEvery)), retry: time.NewTimer(time.Hour)}
	w.retry.Stop()
	return w
}

// run writes until the socket ends, and then sends the close frame.
func (w *writer) run() {
	defer w.shutdown()
	for w.runOnce() {
		continue
	}
	s := w.socket
	s.close(0, "") // does nothing unless a write failed
	if s.closeCode != 0 {
		w.put(controlFrame(websocket.CloseMessage, websocket.FormatCloseMessage(s.closeCode, s.closeReason)).head)
	}
}

// shutdown stops the timers, and ends the reader's wait: after a close frame the client has a moment to answer.
func (w *writer) shutdown() {
	s := w.socket
	if p := recover(); p != nil {
		w.hub.logPanic(p)
		s.close(closeInternal, "internal error")
	}
	w.ping.Stop()
	w.retry.Stop()
	linger := closeLinger
	if w.failed || s.closeCode == 0 {
		linger = 0
	}
	w.drain(linger)
}

// runOnce writes the queue, or makes one step of a replay, or waits until there is something to do. It returns
// false when the socket has ended.
func (w *writer) runOnce() bool {
	select {
	case <-w.ping.C:
		w.sendPing()
	default:
	}
	frames, replaying, closing := w.socket.takeFrames(w.spare)
	if closing || w.failed {
		return false
	}
	if w.spare = frames; len(frames) > 0 {
		w.flush(frames)
		clear(frames)
		return true
	}
	if cap(w.spare) > maxSpare {
		w.spare = nil
	}
	if replaying {
		again, wait := w.hub.replayStep(w.socket)
		if again {
			return true
		}
		w.retry.Reset(wait)
	}
	select {
	case <-w.socket.wakeup:
	case <-w.retry.C:
	case <-w.ping.C:
		w.sendPing()
	}
	return true
}

func (w *writer) sendPing() {
	w.put(controlFrame(websocket.PingMessage, nil).head)
	w.hub.metrics.frames.Add(1)
	w.ping.Reset(w.hub.cfg.PingEvery)
}

// flush writes frames of the queue, with as few system calls as possible.
func (w *writer) flush(frames []*frame) {
	pooled, _ := buffers.Get().(*[]byte)
	buf := (*pooled)[:0]
	for _, f := range frames {
		if len(buf) > 0 && len(buf)+f.size() > writeBuffer {
			w.put(buf)
			w.socket.release(len(buf))
			buf = buf[:0]
			if w.failed || w.socket.ctx.Err() != nil {
				break
			}
		}
		buf = f.appendTo(buf)
	}
	w.put(buf)
	w.socket.release(len(buf))
	w.hub.metrics.frames.Add(int64(len(frames)))
	if cap(buf) <= 2*writeBuffer {
		*pooled = buf
		buffers.Put(pooled)
	}
}

// put writes b, which is whole frames. After a failed write it does nothing.
func (w *writer) put(b []byte) {
	if len(b) == 0 || w.failed {
		return
	}
	now := time.Now()
	within := w.hub.cfg.WriteWithin
	if w.deadline.Sub(now) < within*3/4 { // setting a deadline is costly, and most writes need no new one
		w.deadline = now.Add(within)
		_ = w.net.SetWriteDeadline(w.deadline) // an error shows in the write
	}
	w.socket.writingSince.Store(w.hub.now())
	n, err := w.net.Write(b)
	w.socket.writingSince.Store(0)
	w.hub.metrics.bytes.Add(int64(n))
	if err != nil {
		w.failed = true
		if errors.Is(err, os.ErrDeadlineExceeded) {
			w.socket.close(closeSlow, "slow")
		}
	}
}
