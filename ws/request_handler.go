package ws

import (
	"errors"

	"github.com/gofiber/contrib/websocket"
)

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
	if r, ok := errors.AsType[*requestError](err); ok {
		s.enqueue(errorFrame(q.ref, r))
	} else if err != nil {
		s.close(websocket.CloseTryAgainLater, "try again later")
	}
}

// leave takes the socket out of a room.
func (h *Hub) leave(s *socket, q request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replay.rooms[q.room] == nil {
		return &requestError{notJoined, "this socket is not in that room"}
	}
	h.unsubscribe(s, q.room)
	s.enqueueLocked(encodeFrame(ack{Op: opAck, Ref: q.ref, Room: q.room}))
	s.wake()
	return nil
}

// ping answers with the position up to which every room has been sent everything.
func (h *Hub) ping(s *socket, q request) {
	delivered := h.delivered.Load() // before the lock: an entry that is delivered meanwhile is not in the answer
	s.withLock(func() {
		at := s.replay.queuedTo(delivered)
		s.enqueueLocked(encodeFrame(ack{Op: opAck, Ref: q.ref, Position: &at}))
	})
}
