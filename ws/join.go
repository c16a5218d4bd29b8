package ws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gofiber/contrib/websocket"

	"grapevine"
)

// patience is how long a join waits for Redis. Then the socket is closed with 1013: "not recovered"
// would send the client to re-read for nothing.
const patience = 10 * time.Second

// handle answers one request.
func (h *Hub) handle(s *socket, q request) {
	var err error
	switch q.op {
	case "join":
		err = h.join(s, q)
	case "leave":
		err = h.leave(s, q)
	case "ping":
		h.ping(s, q)
	}
	if r, ok := errors.AsType[*refused](err); ok {
		h.refuse(s, q.ref, r)
	} else if err != nil {
		s.close(websocket.CloseTryAgainLater, "try again later")
	}
}

func (h *Hub) refuse(s *socket, ref *string, r *refused) {
	s.send(encode(refusal{"error", ref, r.code, r.message}), h.cfg.MaxQueue)
}

// join puts the socket into a room. From the acknowledged position on it is sent everything, in order.
func (h *Hub) join(s *socket, q request) error {
	s.mu.Lock()
	_, again := s.subs[q.room]
	full := !again && len(s.subs) >= h.cfg.MaxRooms
	s.mu.Unlock()
	if full {
		return &refused{tooManyRooms, fmt.Sprintf("a socket is in at most %d rooms", h.cfg.MaxRooms)}
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	if err := h.untilReady(ctx, s); err != nil {
		return err
	}
	recovered := false
	if q.since != nil && s.ns == contacts {
		var err error
		if recovered, err = h.recoverable(ctx, *q.since); err != nil {
			return err
		}
	}
	h.enter(s, q, recovered)
	s.poke()
	return nil
}

// untilReady waits until the history is followed. Just after a start that is a moment; a socket that has to
// wait for longer is told why.
func (h *Hub) untilReady(ctx context.Context, s *socket) error {
	long := time.NewTimer(time.Second)
	defer long.Stop()
	for {
		select {
		case <-h.ready:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-long.C:
			s.mu.Lock()
			h.tellState(s)
			s.mu.Unlock()
			s.poke()
		}
	}
}

// recoverable reports whether everything after since is still there, and since is not from the future.
// A stretch that is trimmed later, while it is replayed, is noticed then and ends the socket.
func (h *Hub) recoverable(ctx context.Context, since grapevine.Position) (bool, error) {
	if h.delivered.Load().Before(since) {
		clock := cmp.Or(h.cfg.Clock, &grapevine.Clock{})
		if clamped, err := clock.Clamp(ctx, since, h.cfg.Ping); err != nil || clamped != since {
			return false, err
		}
	}
	return h.reader.Reaches(ctx, since)
}

// enter makes the subscription and queues its acknowledgement, before any frame of the room.
func (h *Hub) enter(s *socket, q request, recovered bool) {
	sub := &subscription{socket: s, room: q.room, presence: q.presence, members: -1}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	h.drop(s, q.room)
	sub.at, sub.live = h.delivered.Load(), true
	if recovered {
		sub.at, sub.live = *q.since, false
		s.pulling++
	}
	s.subs[q.room] = sub
	sub.index = len(h.rooms[q.room])
	h.rooms[q.room] = append(h.rooms[q.room], sub)
	if q.op != "" { // a socket's own room is joined unasked, and not acknowledged
		s.put(encode(ack{Op: "ack", Ref: q.ref, Room: q.room, Position: &sub.at, Recovered: &recovered}), h.cfg.MaxQueue)
	}
	h.tellState(s)
	if q.presence {
		h.presence.count(q.room, +1)
		sub.members = h.presence.members(q.room)
		s.put(presenceFrame(q.room, sub.members), h.cfg.MaxQueue)
	}
}

// drop ends a subscription; mu and the socket's mu are held.
func (h *Hub) drop(s *socket, room string) {
	sub := s.subs[room]
	if sub == nil {
		return
	}
	delete(s.subs, room)
	if !sub.live {
		s.pulling--
	}
	subs := h.rooms[room]
	last := subs[len(subs)-1]
	subs[sub.index], last.index = last, sub.index
	subs[len(subs)-1] = nil
	if h.rooms[room] = subs[:len(subs)-1]; len(subs) == 1 {
		delete(h.rooms, room)
	}
	if sub.presence {
		h.presence.count(room, -1)
	}
}

func (h *Hub) leave(s *socket, q request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs[q.room] == nil {
		return &refused{notJoined, "this socket is not in that room"}
	}
	h.drop(s, q.room)
	s.put(encode(ack{Op: "ack", Ref: q.ref, Room: q.room}), h.cfg.MaxQueue)
	s.poke()
	return nil
}

// ping answers with the position up to which all joined rooms have been sent.
func (h *Hub) ping(s *socket, q request) {
	delivered := h.delivered.Load() // before the lock: what is delivered meanwhile is not in the answer
	s.mu.Lock()
	at := s.sent(delivered)
	s.put(encode(ack{Op: "ack", Ref: q.ref, Position: &at}), h.cfg.MaxQueue)
	s.mu.Unlock()
	s.poke()
}

// attach makes the socket known. The error, if there is no place for it, is a *grapevine.Error.
func (h *Hub) attach(s *socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.vacancy(s.ip); err != nil {
		return err
	}
	h.sockets[s] = struct{}{}
	h.perIP[s.ip]++
	h.handlers.Add(1)
	return nil
}

// vacancy says why there is no place for one more socket; mu is held.
func (h *Hub) vacancy(ip string) error {
	switch {
	case h.closed:
		return &grapevine.Error{Code: grapevine.Unavailable, Message: "This instance is going away."}
	case len(h.sockets) >= h.cfg.MaxSockets:
		return &grapevine.Error{Code: grapevine.Unavailable, Message: "There are too many sockets.", RetryAfter: 5 * time.Second}
	case h.perIP[ip] >= h.cfg.MaxPerIP && !net.ParseIP(ip).IsLoopback(): // loopback is a proxy, or everyone here
		return &grapevine.Error{Code: grapevine.TooMany, Message: "There are too many sockets from this address.", RetryAfter: 5 * time.Second}
	}
	return nil
}

// detach takes the socket out of everything.
func (h *Hub) detach(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for room := range s.subs {
		h.drop(s, room)
	}
	delete(h.sockets, s)
	if h.perIP[s.ip]--; h.perIP[s.ip] <= 0 {
		delete(h.perIP, s.ip)
	}
	h.handlers.Done()
}
