package ws

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"

	"grapevine/events"
)

const (
	writeBuffer = 32 << 10  // bytes that leave in one system call
	pullBudget  = 128 << 10 // bytes of entries pulled at a time
)

// buffers are shared by all writers: an idle socket needs none.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, writeBuffer); return &b }}

// write sends what is queued, pulls what the socket is behind with, and pings, until the socket ends.
func (k *conn) write() {
	s := k.socket
	defer func() {
		if p := recover(); p != nil {
			k.hub.panicked(p)
			s.close(closeInternal, "internal error")
		}
		k.drain(lingering)
		if k.failed || s.code == 0 {
			k.drain(0)
		}
	}()
	every := k.hub.cfg.PingEvery
	ping := time.NewTimer(rand.N(every)) // a herd that came together is not pinged together
	defer ping.Stop()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	var spare []*frame
	for {
		select {
		case <-ping.C:
			k.flush([]*frame{control(websocket.PingMessage, nil)}, 0)
			ping.Reset(every)
		default:
		}
		frames, pulling, closing := s.take(spare)
		if closing || k.failed {
			break
		}
		if spare = frames; len(frames) > 0 {
			k.flush(frames, 1)
			clear(frames)
			continue
		}
		if cap(spare) > 64 { // an idle socket keeps little
			spare = nil
		}
		if pulling {
			more, wait := k.hub.advance(s)
			if more {
				continue
			}
			retry.Reset(wait)
		}
		select {
		case <-s.wake:
		case <-retry.C:
		case <-ping.C:
			k.flush([]*frame{control(websocket.PingMessage, nil)}, 0)
			ping.Reset(every)
		}
	}
	s.close(0, "") // if a write failed
	if s.code != 0 && !k.failed {
		k.put(control(websocket.CloseMessage, websocket.FormatCloseMessage(s.code, s.reason)).head)
	}
}

// flush writes frames, in as few system calls as they need. counted is 0 for frames that were not in
// the queue.
func (k *conn) flush(frames []*frame, counted int) {
	pooled, _ := buffers.Get().(*[]byte)
	buf := (*pooled)[:0]
	out := func() {
		if len(buf) == 0 || k.failed {
			return
		}
		k.put(buf)
		k.socket.wrote(counted * len(buf))
		buf = buf[:0]
	}
	for _, f := range frames {
		if len(buf)+f.size() > writeBuffer {
			out()
			if k.failed || k.socket.ctx.Err() != nil {
				break
			}
		}
		buf = f.appendTo(buf)
	}
	out()
	k.hub.metrics.frames.Add(int64(len(frames)))
	if cap(buf) <= 2*writeBuffer {
		*pooled = buf
		buffers.Put(pooled)
	}
}

// put writes b, which is whole frames.
func (k *conn) put(b []byte) {
	now := time.Now()
	within := k.hub.cfg.WriteWithin
	if k.until.Sub(now) < within*3/4 { // setting a deadline costs; most writes need no new one
		k.until = now.Add(within)
		_ = k.net.SetWriteDeadline(k.until) // an error shows in the write
	}
	k.socket.blocked.Store(k.hub.now())
	n, err := k.net.Write(b)
	k.socket.blocked.Store(0)
	k.hub.metrics.bytes.Add(int64(n))
	if err != nil {
		k.failed = true
		if errors.Is(err, os.ErrDeadlineExceeded) {
			k.socket.close(closeSlow, "slow")
		}
	}
}

// advance takes one step for the rooms of s that are not live. more: call again at once; wait: try
// again after that time.
func (h *Hub) advance(s *socket) (more bool, wait time.Duration) {
	from, ok := s.behind()
	if !ok {
		return true, 0
	}
	h.mu.RLock()
	head := h.recent.end
	if !from.Before(head) {
		s.goLive(head)
		h.mu.RUnlock()
		return true, 0
	}
	entries, to, held := h.recent.after(from, pullBudget)
	h.mu.RUnlock()
	if !held {
		var err error
		entries, to, err = h.pages.after(s.ctx, from, pullBudget)
		switch {
		case errors.Is(err, events.ErrTrimmed):
			h.metrics.holes.Add(1)
			s.close(closeSlow, "slow")
			return true, 0
		case err != nil, len(entries) == 0: // Redis is away, or has lost its tail, which the follower will see
			return false, 200*time.Millisecond + rand.N(200*time.Millisecond)
		}
	}
	h.metrics.pulled.Add(int64(len(entries)))
	s.pull(from, to, entries)
	return true, 0
}
