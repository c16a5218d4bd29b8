package ws

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	fasthttpws "github.com/fasthttp/websocket"
	"github.com/gofiber/contrib/websocket"
)

const (
	maxRequest  = 4 << 10   // bytes of a client's frame
	writeBuffer = 32 << 10  // bytes that leave in one system call
	pullBudget  = 128 << 10 // bytes of entries pulled at a time
	lingering   = 2 * time.Second
)

// buffers are shared by all writers: an idle socket needs none.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, writeBuffer); return &b }}

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
		frames, closing := s.take(spare)
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
		more, wait := k.hub.advance(s)
		if more {
			continue
		}
		if wait > 0 {
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
		return false, 0
	}
	h.mu.RLock()
	head := h.tail.head
	if !from.Before(head) {
		s.goLive(head)
		h.mu.RUnlock()
		return true, 0
	}
	entries, to, held := h.tail.after(from, pullBudget)
	h.mu.RUnlock()
	if !held {
		var err error
		entries, to, err = h.pages.after(s.ctx, from, pullBudget)
		switch {
		case errors.Is(err, errHole):
			h.metrics.holes.Add(1)
			s.close(closeSlow, "slow")
			return false, 0
		case err != nil, len(entries) == 0: // Redis is away, or has lost its tail, which the follower will see
			return false, 200*time.Millisecond + rand.N(200*time.Millisecond)
		}
	}
	h.metrics.pulled.Add(int64(len(entries)))
	s.pull(from, to, entries)
	return true, 0
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
