package ws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/contrib/websocket"

	"grapevine"
)

// joinTimeout limits the wait of a join for Redis and MongoDB. Then the socket is closed with 1013. An answer
// "not recovered" would make the client read everything again for nothing.
const joinTimeout = 10 * time.Second

// readyNotice is the wait for the follower after which a socket is told that the pipeline is degraded. Just
// after a start the wait is short, and no reason for alarm.
const readyNotice = time.Second

// handle answers one request.
func (h *Hub) handle(s *socket, q request) {
	var err error
	switch q.op {
	case opJoin:
		err = h.join(s, q)
	case opLeave:
		err = h.leave(s, q)
	case opPing:
		h.ping(s, q)
	}
	if r, ok := errors.AsType[*refused](err); ok {
		s.enqueue(refusalFrame(q.ref, r))
	} else if err != nil {
		s.close(websocket.CloseTryAgainLater, "try again later")
	}
}

// join puts the socket into a room. After the acknowledged position it is sent everything, in order.
func (h *Hub) join(s *socket, q request) error {
	s.mu.Lock()
	full := s.replay.rooms[q.room] == nil && len(s.replay.rooms) >= h.cfg.MaxRooms
	s.mu.Unlock()
	if full {
		return &refused{tooManyRooms, fmt.Sprintf("a socket is in at most %d rooms", h.cfg.MaxRooms)}
	}
	ctx, cancel := context.WithTimeout(s.ctx, joinTimeout)
	defer cancel()
	if err := h.waitUntilReady(ctx, s); err != nil {
		return err
	}
	recovered := false
	if q.since != nil && s.ns == contacts {
		var err error
		if recovered, err = h.recoverable(ctx, *q.since); err != nil {
			return err
		}
	}
	h.subscribe(s, q, recovered)
	s.wake()
	return nil
}

// waitUntilReady waits until the follower has begun.
func (h *Hub) waitUntilReady(ctx context.Context, s *socket) error {
	notice := time.NewTimer(readyNotice)
	defer notice.Stop()
	for {
		select {
		case <-h.ready:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-notice.C:
			s.setDegraded(h.degraded.Load())
		}
	}
}

// recoverable reports whether the log holds everything after since, and since is not from the future. If the
// log is trimmed during the replay, the replay notices it and ends the socket.
func (h *Hub) recoverable(ctx context.Context, since grapevine.Position) (bool, error) {
	if h.delivered.Load().Before(since) {
		clock := cmp.Or(h.cfg.Clock, &grapevine.Clock{})
		if clamped, err := clock.Clamp(ctx, since, h.cfg.Ping); err != nil || clamped != since {
			return false, err
		}
	}
	return h.reader.Reaches(ctx, since)
}

// leave takes the socket out of a room.
func (h *Hub) leave(s *socket, q request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replay.rooms[q.room] == nil {
		return &refused{notJoined, "this socket is not in that room"}
	}
	h.unsubscribe(s, q.room)
	s.enqueueLocked(encodeFrame(ack{Op: opAck, Ref: q.ref, Room: q.room}))
	s.wake()
	return nil
}

// ping answers with the position up to which every room has been sent everything.
func (h *Hub) ping(s *socket, q request) {
	delivered := h.delivered.Load() // before the lock: an entry that is delivered meanwhile is not in the answer
	s.locked(func() {
		at := s.replay.queuedTo(delivered)
		s.enqueueLocked(encodeFrame(ack{Op: opAck, Ref: q.ref, Position: &at}))
	})
}
