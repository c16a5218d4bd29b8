package ws

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"grapevine"
)

// joinTimeout limits the wait of a join for Redis and MongoDB. Then the socket is closed with 1013. An answer
// "not recovered" would make the client read everything again for nothing.
const joinTimeout = 10 * time.Second

// readyNotice is the wait for the follower after which a socket is told that the pipeline is degraded. Just after a
// start, a short wait is normal.
const readyNotice = time.Second

// join puts the socket into a room. After the acknowledged position it is sent everything, in order.
func (h *Hub) join(s *socket, q request) error {
	s.mu.Lock()
	full := s.replay.rooms[q.room] == nil && len(s.replay.rooms) >= h.cfg.MaxRooms
	s.mu.Unlock()
	if full {
		return &requestError{tooManyRooms, fmt.Sprintf("a socket is in at most %d rooms", h.cfg.MaxRooms)}
	}
	ctx, cancel := context.WithTimeout(s.ctx, joinTimeout)
	defer cancel()
	if err := h.waitUntilReady(ctx, s); err != nil {
		return err
	}
	recovered := false
	if q.since != nil && s.ns == contactsNamespace {
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
