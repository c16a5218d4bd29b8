package ws

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"grapevine"
)

// socket is one client as the hub knows it: its rooms and the frames it is still to be sent. The
// connection itself belongs to the handler's two goroutines alone ([conn]).
//
// A room of a socket is delivered to in one of two ways. Live: the follower pushes each frame into the
// queue. Else the socket's writer pulls from the history, at the client's own pace, until it has caught
// up; so a replay, or a burst longer than the queue, costs no memory and closes nobody who reads.
//
// Lock order: Hub.mu, then socket.mu.
type socket struct {
	ns   namespace
	ip   string
	wake chan struct{} // capacity 1: there is something to write

	ctx    context.Context // ends when closing begins
	cancel context.CancelFunc

	// blocked is when the write under way began, in nanoseconds of the hub's clock; 0 while none is.
	blocked atomic.Int64

	mu        sync.Mutex
	subs      map[string]*subscription
	pulling   int // rooms that are not live
	queue     []*frame
	bytes     int  // of the frames queued or being written
	loose     int  // of these, bytes of frames without a position queued since the writer last took
	overflown bool // the queue ran over and the socket has not caught up since
	lastSync  grapevine.Position
	told      bool // knows that the pipeline is degraded
	closing   bool
	code      int
	reason    string
}

// subscription is one room of one socket.
type subscription struct {
	socket   *socket
	room     string
	index    int  // in Hub.rooms[room]; guarded by Hub.mu
	presence bool // wants presence frames; never changes

	// Guarded by socket.mu.
	live    bool
	at      grapevine.Position // everything up to here has been queued, or was never asked for
	members int                // as last sent
}

func newSocket(ns namespace, ip string) *socket {
	s := &socket{ns: ns, ip: ip, subs: map[string]*subscription{}, wake: make(chan struct{}, 1)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

func (s *socket) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// send queues a frame that has no position: an answer, presence, a signal.
func (s *socket) send(f *frame, limit int) {
	s.mu.Lock()
	s.put(f, limit)
	s.mu.Unlock()
	s.poke()
}

// put is send for holders of mu. Such frames are in no history, so a socket whose queue is full is closed.
func (s *socket) put(f *frame, limit int) {
	if s.closing {
		return
	}
	// Events do not count here: however many there are, they wait in the history.
	if s.loose+f.size() > limit {
		s.shut(closeSlow, "slow")
		return
	}
	s.queue = append(s.queue, f)
	s.bytes += f.size()
	s.loose += f.size()
}

// offer queues the frame of the event at, if the room is live and has not had it. before is the
// position up to which everything has been offered. It reports whether the socket has to be poked, and
// whether the queue ran over: then every room of the socket goes over to pulling.
func (sub *subscription) offer(at, before grapevine.Position, f *frame, limit int) (poke, over bool) {
	s := sub.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || !sub.live || !sub.at.Before(at) {
		return false, false
	}
	poke = len(s.queue) == 0
	if s.bytes > 0 && s.bytes+f.size() > limit {
		s.overflown = true
		for _, other := range s.subs {
			if other.live {
				other.live = false
				s.pulling++
				other.at = later(other.at, before)
			}
		}
		return true, true
	}
	s.queue = append(s.queue, f)
	s.bytes += f.size()
	sub.at = at
	return poke, false
}

// offerResync queues a resync once for the whole socket, unless all its rooms will meet it in their
// replay.
func (s *socket) offerResync(at grapevine.Position, f *frame, limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.subs) == 0 || s.pulling == len(s.subs) || !s.lastSync.Before(at) {
		return
	}
	for _, sub := range s.subs {
		if sub.live && !sub.at.Before(at) {
			return
		}
	}
	s.lastSync = at
	s.put(f, limit)
}

func later(p, q grapevine.Position) grapevine.Position {
	if p.Before(q) {
		return q
	}
	return p
}

// behind is the position from which the socket's rooms have to be pulled; ok is false if all are live.
func (s *socket) behind() (from grapevine.Position, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		if !sub.live && (!ok || sub.at.Before(from)) {
			from, ok = sub.at, true
		}
	}
	return from, ok
}

// pull queues what entries, which are everything in (from, to], hold for the rooms that are not live.
func (s *socket) pull(from, to grapevine.Position, entries []*entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	for _, e := range entries {
		if e.resync != nil && s.lastSync.Before(e.Position) {
			s.lastSync = e.Position
			s.queue = append(s.queue, e.resync)
			s.bytes += e.resync.size()
		}
		for i := range e.Deliveries {
			sub := s.subs[e.Deliveries[i].Room]
			// A room that was joined meanwhile from further back is not there yet.
			if sub == nil || sub.live || sub.at.Before(from) || !sub.at.Before(e.Position) {
				continue
			}
			f := e.frame(i)
			s.queue = append(s.queue, f)
			s.bytes += f.size()
		}
	}
	for _, sub := range s.subs {
		if !sub.live && !sub.at.Before(from) {
			sub.at = later(sub.at, to)
		}
	}
}

// goLive ends the pulling of the rooms that have reached head. The caller keeps head from moving.
func (s *socket) goLive(head grapevine.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		if !sub.live && !sub.at.Before(head) {
			sub.live = true
			s.pulling--
		}
	}
	if s.pulling == 0 {
		s.overflown = false
	}
}

// sent is the position up to which every room has been queued; delivered is that of the live ones.
func (s *socket) sent(delivered grapevine.Position) grapevine.Position {
	var least grapevine.Position
	first := true
	for _, sub := range s.subs {
		at := sub.at
		if sub.live {
			at = later(at, delivered)
		}
		if first || at.Before(least) {
			least, first = at, false
		}
	}
	if first {
		return delivered
	}
	return least
}

// take is what is to be written now, and whether rooms are to be pulled once that is written.
func (s *socket) take(spare []*frame) (frames []*frame, pulling, closing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames, s.queue, s.loose = s.queue, spare[:0], 0
	return frames, s.pulling > 0, s.closing
}

func (s *socket) wrote(bytes int) {
	s.mu.Lock()
	s.bytes -= bytes
	s.mu.Unlock()
}

// close begins the end of the socket: what is queued is dropped, the writer sends the close frame.
func (s *socket) close(code int, reason string) {
	s.mu.Lock()
	s.shut(code, reason)
	s.mu.Unlock()
	s.poke()
}

func (s *socket) shut(code int, reason string) {
	if s.closing {
		return
	}
	s.closing, s.code, s.reason = true, code, reason
	clear(s.queue)
	s.queue = s.queue[:0]
	s.cancel()
}

// stalled reports whether the client is behind and has not taken a byte for that long.
func (s *socket) stalled(now int64, limit time.Duration) bool {
	since := s.blocked.Load()
	if since == 0 || now-since < int64(limit) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overflown
}
