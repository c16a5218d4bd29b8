package ws

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"grapevine"
)

// maxSignalQueues is the limit of signals in a queue, in multiples of MaxQueue. An instance that was stopped
// finds many signals at once, and they cannot be replayed.
const maxSignalQueues = 4

// socket is one client as the hub knows it: its rooms and its queue of frames. The connection belongs to the
// two goroutines of the handler alone, see [conn].
//
// Lock order: Hub.mu, then socket.mu.
type socket struct {
	ns       namespace
	ip       string
	maxQueue int
	slow     *atomic.Int64 // counts the sockets whose clients cannot keep up
	wakeup   chan struct{} // capacity 1: there is something to write

	ctx    context.Context // ends when closing begins
	cancel context.CancelFunc

	// writingSince is the start of the current write, in nanoseconds of the hub's clock; 0 if there is none.
	writingSince atomic.Int64

	mu                sync.Mutex
	replay            replayState
	queue             []*frame
	queuedBytes       int  // of the frames that are queued or being written
	unpositionedBytes int  // of these, frames without a position that were queued since the writer last took frames
	degradedSent      bool // the client knows that the pipeline is degraded
	closing           bool
	closeCode         int // 0 means no close frame
	closeReason       string
}

func newSocket(ns namespace, ip string, maxQueue int, slow *atomic.Int64) *socket {
	s := &socket{ns: ns, ip: ip, maxQueue: maxQueue, slow: slow, wakeup: make(chan struct{}, 1)}
	s.replay.rooms = map[string]*subscription{}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// wake wakes the writer.
func (s *socket) wake() {
	select {
	case s.wakeup <- struct{}{}:
	default:
	}
}

// withLock runs do under the socket's lock, and wakes the writer.
func (s *socket) withLock(do func()) {
	s.mu.Lock()
	do()
	s.mu.Unlock()
	s.wake()
}

// enqueue queues a frame without a position: an answer, presence or a state.
func (s *socket) enqueue(f *frame) { s.withLock(func() { s.enqueueLocked(f) }) }

// enqueueLocked is enqueue for holders of mu.
func (s *socket) enqueueLocked(f *frame) { s.enqueueUnpositioned(f, s.maxQueue) }

// enqueueSignal queues the frame of a signal. The caller wakes the writer.
func (s *socket) enqueueSignal(f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enqueueUnpositioned(f, maxSignalQueues*s.maxQueue)
}

// enqueueUnpositioned queues a frame that is no entry of the log. It cannot be replayed, so a client that lets
// too many of them wait is closed. Events do not count: they wait in the log.
func (s *socket) enqueueUnpositioned(f *frame, limit int) {
	if s.closing {
		return
	}
	if s.unpositionedBytes+f.size() > limit {
		s.closeLocked(closeSlow, "slow")
		return
	}
	s.append(f)
	s.unpositionedBytes += f.size()
}

func (s *socket) append(f *frame) {
	s.queue = append(s.queue, f)
	s.queuedBytes += f.size()
}

// enqueueEvent queues the frame of the entry at the position, if the room is live and has not had it. If the
// queue is full, every room of the socket replays from delivered, the position before the entry.
// The caller wakes the writer if wake is true.
func (sub *subscription) enqueueEvent(at, delivered grapevine.Position, f *frame) (wake, overflowed bool) {
	s := sub.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || !sub.wantsEntry(at) {
		return false, false
	}
	if s.queuedBytes > 0 && s.queuedBytes+f.size() > s.maxQueue {
		s.replay.overflow(delivered)
		return true, true
	}
	wake = len(s.queue) == 0
	s.append(f)
	sub.queuedTo = at
	return wake, false
}

// enqueueResync queues a resync of the log, once for all rooms. The caller wakes the writer.
func (s *socket) enqueueResync(at grapevine.Position, f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replay.needsResync(at) {
		s.replay.lastResync = at
		s.enqueueLocked(f)
	}
}

// enqueueReplay queues what the replaying rooms need from entries, which are everything in (from, to].
func (s *socket) enqueueReplay(from, to grapevine.Position, entries []*entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.replay.replay(from, to, entries, s.append)
	}
}

// setDegraded tells the client the state of the pipeline, if it knows another one.
func (s *socket) setDegraded(degraded bool) {
	s.withLock(func() { s.setDegradedLocked(degraded) })
}

func (s *socket) setDegradedLocked(degraded bool) {
	if s.degradedSent != degraded {
		s.degradedSent = degraded
		s.enqueueLocked(stateFrame(degraded))
	}
}

// takeFrames empties the queue. spare becomes the new, empty queue. replaying says whether to replay once the
// frames are written.
func (s *socket) takeFrames(spare []*frame) (frames []*frame, replaying, closing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames, s.queue, s.unpositionedBytes = s.queue, spare[:0], 0
	return frames, s.replay.replaying > 0, s.closing
}

// release removes written bytes from the count.
func (s *socket) release(bytes int) {
	s.mu.Lock()
	s.queuedBytes -= bytes
	s.mu.Unlock()
}

// close starts the end of the socket: the queue is dropped, and the writer sends the close frame.
func (s *socket) close(code int, reason string) {
	s.withLock(func() { s.closeLocked(code, reason) })
}

func (s *socket) closeLocked(code int, reason string) {
	if s.closing {
		return
	}
	s.closing, s.closeCode, s.closeReason = true, code, reason
	if code == closeSlow {
		s.slow.Add(1)
	}
	clear(s.queue)
	s.queue = s.queue[:0]
	s.cancel()
}

// stalled reports whether the client is behind and has not taken a byte for the limit.
func (s *socket) stalled(now int64, limit time.Duration) bool {
	since := s.writingSince.Load()
	if since == 0 || now-since < int64(limit) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replay.overflowed
}
