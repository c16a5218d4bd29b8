package ws

import (
	"errors"
	"net"
	"time"

	"grapevine"
)

const tooManyRetryAfter = 5 * time.Second

// errClosed is the answer of a hub that is closed.
var errClosed = &grapevine.Error{Code: grapevine.Unavailable, Message: "This instance is going away."}

// Answers at a limit. They and the log name the setting.
var (
	errInstanceFull = &grapevine.Error{Code: grapevine.Unavailable, Message: "There are too many sockets. The setting MAX_SOCKETS is the limit.", RetryAfter: tooManyRetryAfter}
	errClientFull   = &grapevine.Error{Code: grapevine.TooMany, Message: "There are too many sockets from this address. The setting SOCKETS_PER_CLIENT is the limit.", RetryAfter: tooManyRetryAfter}
)

// refused counts a socket for which there was no place, and logs it once in a while.
func (h *Hub) refused(ip string, reason error) {
	switch {
	case errors.Is(reason, errClientFull):
		h.metrics.refusedClient.Add(1)
		if n, ok := h.clientFull.Allow(); ok {
			h.log.Warn("a client has reached its limit of sockets; if many people share this address, raise SOCKETS_PER_CLIENT; if it is a proxy, name it in TRUSTED_PROXIES",
				"client", ip, "limit", h.cfg.MaxPerIP, "refused", n)
		}
	case errors.Is(reason, errInstanceFull):
		h.metrics.refusedInstance.Add(1)
		if n, ok := h.instanceFull.Allow(); ok {
			h.log.Warn("this instance has reached its limit of sockets; start another instance, or raise MAX_SOCKETS", "limit", h.cfg.MaxSockets, "refused", n)
		}
	}
}

// checkCapacity returns a *[grapevine.Error] if the hub takes no further socket of that address. The caller
// holds mu.
func (h *Hub) checkCapacity(ip string) error {
	switch {
	case h.closed:
		return errClosed
	case len(h.sockets) >= h.cfg.MaxSockets:
		return errInstanceFull
	case h.perIP[ip] >= h.cfg.MaxPerIP && !net.ParseIP(ip).IsLoopback(): // loopback is a proxy, or this machine's user
		return errClientFull
	}
	return nil
}

// register adds a socket. The error is that of checkCapacity.
func (h *Hub) register(s *socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.checkCapacity(s.ip); err != nil {
		return err
	}
	h.sockets[s] = struct{}{}
	h.perIP[s.ip]++
	h.handlers.Add(1)
	return nil
}

// unregister removes a socket and its subscriptions.
func (h *Hub) unregister(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for room := range s.replay.rooms {
		h.unsubscribe(s, room)
	}
	delete(h.sockets, s)
	if h.perIP[s.ip]--; h.perIP[s.ip] <= 0 {
		delete(h.perIP, s.ip)
	}
	h.handlers.Done()
}

// subscribe puts the socket into a room and queues the acknowledgement, before any frame of the room. If
// recovered is true, the room replays from q.since.
func (h *Hub) subscribe(s *socket, q request, recovered bool) {
	sub := &subscription{socket: s, room: q.room, presence: q.presence, members: -1, live: true}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	h.unsubscribe(s, q.room)
	sub.queuedTo = h.delivered.Load()
	if recovered {
		sub.queuedTo, sub.live = *q.since, false
	}
	s.replay.add(sub)
	sub.index = len(h.rooms[q.room])
	h.rooms[q.room] = append(h.rooms[q.room], sub)
	if q.op != "" { // the endpoint's own room is joined without a request
		at := sub.queuedTo
		s.enqueueLocked(encodeFrame(ack{Op: opAck, Ref: q.ref, Room: q.room, Position: &at, Recovered: &recovered}))
	}
	s.setDegradedLocked(h.degraded.Load())
	if q.presence {
		h.presence.add(q.room, +1)
		sub.members = h.presence.members(q.room)
		s.enqueueLocked(presenceFrame(q.room, sub.members))
	}
}

// unsubscribe takes the socket out of a room, if it is in it. The caller holds mu and the socket's mu.
func (h *Hub) unsubscribe(s *socket, room string) {
	sub := s.replay.remove(room)
	if sub == nil {
		return
	}
	subs := h.rooms[room]
	last := subs[len(subs)-1]
	subs[sub.index], last.index = last, sub.index
	subs[len(subs)-1] = nil
	if h.rooms[room] = subs[:len(subs)-1]; len(subs) == 1 {
		delete(h.rooms, room)
	}
	if sub.presence {
		h.presence.add(room, -1)
	}
}
