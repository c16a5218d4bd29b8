package ws

import (
	"slices"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// deliver hands the entries that follow from to the rooms they concern.
func (h *Hub) deliver(from grapevine.Position, entries []*entry) {
	h.watermark.store(entries[len(entries)-1].at)
	before := from
	var touched []*socket
	for step := range slices.Chunk(entries, deliverStep) {
		h.mu.Lock()
		h.tail.append(step)
		h.mu.Unlock()
		h.mu.RLock()
		for _, e := range step {
			touched = h.push(e, before, touched)
			before = e.at
		}
		h.delivered.store(before)
		h.mu.RUnlock()
		// Writers are woken once for many frames, which then leave in one system call.
		for _, s := range touched {
			s.poke()
		}
		clear(touched)
		touched = touched[:0]
	}
}

// push offers one entry to everyone concerned; mu is held for reading.
func (h *Hub) push(e *entry, before grapevine.Position, touched []*socket) []*socket {
	if e.resync != nil {
		h.metrics.resyncs.Add(1)
		for s := range h.sockets {
			if s.ns == contacts {
				s.offerResync(e.at, e.resync, h.cfg.MaxQueue)
				touched = append(touched, s)
			}
		}
	}
	for i := range e.to {
		subs := h.rooms[e.to[i].room]
		if len(subs) == 0 {
			continue
		}
		f := e.to[i].frame()
		for _, sub := range subs {
			poke, over := sub.offer(e.at, before, f, h.cfg.MaxQueue)
			if poke {
				touched = append(touched, sub.socket)
			}
			if over {
				h.metrics.overflows.Add(1)
			}
		}
	}
	return touched
}

// fall takes this instance back to at, where the history now ends, and tells every socket.
func (h *Hub) fall(at grapevine.Position) {
	h.mu.Lock()
	h.tail.truncate(at)
	h.pages.forget()
	h.delivered.store(at)
	for s := range h.sockets {
		s.mu.Lock()
		for _, sub := range s.subs {
			if at.Before(sub.at) {
				sub.at = at
			}
		}
		if at.Before(s.lastSync) {
			s.lastSync = at
		}
		s.mu.Unlock()
	}
	h.mu.Unlock()
	h.watermark.store(at)
	h.resyncAll(at, "the end of the history was lost")
}

// resyncAll tells every socket that has rooms to re-read, outside of the history.
func (h *Hub) resyncAll(at grapevine.Position, reason string) {
	h.metrics.resyncs.Add(1)
	f := text(`{"event":"resync",` + resyncBody(at, reason))
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.sockets {
		if s.ns != contacts {
			continue
		}
		s.mu.Lock()
		if len(s.subs) > 0 {
			s.put(f, h.cfg.MaxQueue)
		}
		s.mu.Unlock()
		s.poke()
	}
}

// signalQueues is how many times the queue of events the signals may take: an instance that was stopped
// finds many at once, and they are in no history to pull them from.
const signalQueues = 4

// relay hands signals to their rooms, and other instances' presence to ours.
func (h *Hub) relay(messages []redis.XMessage) {
	var touched []*socket
	h.mu.RLock()
	for _, m := range messages {
		if from, ok := m.Values["from"].(string); ok {
			rooms, _ := m.Values["rooms"].(string)
			_, full := m.Values["full"]
			h.presence.heard(from, rooms, full)
			continue
		}
		room, _ := m.Values["room"].(string)
		payload, _ := m.Values["frame"].(string)
		subs := h.rooms[room]
		if len(subs) == 0 || payload == "" {
			continue
		}
		f := text(payload)
		for _, sub := range subs {
			s := sub.socket
			s.mu.Lock()
			s.put(f, signalQueues*h.cfg.MaxQueue)
			s.mu.Unlock()
			touched = append(touched, s)
		}
	}
	h.mu.RUnlock()
	for _, s := range touched {
		s.poke()
	}
}
