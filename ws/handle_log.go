package ws

import (
	"context"
	"slices"

	"grapevine"
	"grapevine/events"
)

var _ events.Handler = (*Hub)(nil)

// deliverStep is the number of entries after which the writers are woken.
const deliverStep = 64

// maxSignalQueues is the limit of signals in a socket's queue, in multiples of MaxQueue. An instance that was
// stopped finds many signals at once, and they cannot be replayed.
const maxSignalQueues = 4

// Begin implements [events.Handler]. It loads the entries before end, for clients that come back.
func (h *Hub) Begin(ctx context.Context, end grapevine.Position) error {
	entries, base, err := h.readRecent(ctx, end)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.recent.reset(base)
	h.recent.append(entries)
	h.recent.end = later(h.recent.end, end)
	h.delivered.Store(end)
	h.mu.Unlock()
	close(h.ready)
	h.log.Info("loaded the newest part of the event log", "position", end, "entries", len(entries))
	return nil
}

// readRecent reads entries up to end, newest first, until half of the memory is used. The result is
// complete after base.
func (h *Hub) readRecent(ctx context.Context, end grapevine.Position) (entries []*entry, base grapevine.Position, err error) {
	size, base := 0, end
	for size < h.cfg.MaxMemory/2 && !base.IsZero() {
		found, err := h.reader.UpTo(ctx, base, pageEntries)
		if err != nil {
			return nil, base, err
		}
		for _, e := range found {
			size += e.Size
			base = e.Position.Previous()
		}
		entries = append(entries, newEntries(found)...)
		if len(found) < pageEntries {
			break
		}
	}
	slices.Reverse(entries)
	return entries, base, nil
}

// Deliver implements [events.Handler]. It hands entries to the rooms that they concern.
func (h *Hub) Deliver(after grapevine.Position, read []*events.Entry) {
	var touched []*socket
	for step := range slices.Chunk(newEntries(read), deliverStep) {
		h.mu.Lock()
		h.recent.append(step)
		h.mu.Unlock()
		h.mu.RLock()
		for _, e := range step {
			touched = h.push(e, after, touched)
			after = e.Position
		}
		h.delivered.Store(after)
		h.mu.RUnlock()
		// A writer is woken once for many frames, which then leave in one system call.
		for _, s := range touched {
			s.poke()
		}
		clear(touched)
		touched = touched[:0]
	}
}

// push offers one entry to every socket that it concerns. The caller holds mu for reading.
func (h *Hub) push(e *entry, before grapevine.Position, touched []*socket) []*socket {
	if e.resync != nil {
		h.metrics.resyncs.Add(1)
		for s := range h.sockets {
			if s.ns == contacts {
				s.offerResync(e.Position, e.resync, h.cfg.MaxQueue)
				touched = append(touched, s)
			}
		}
	}
	for i := range e.Deliveries {
		subs := h.rooms[e.Deliveries[i].Room]
		if len(subs) == 0 {
			continue
		}
		f := e.frame(i)
		for _, sub := range subs {
			poke, over := sub.offer(e.Position, before, f, h.cfg.MaxQueue)
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

// Rewind implements [events.Handler]. It takes every socket back to end, where the log now ends.
func (h *Hub) Rewind(end grapevine.Position) {
	h.mu.Lock()
	h.recent.truncate(end)
	h.pages.reset()
	h.delivered.Store(end)
	for s := range h.sockets {
		s.mu.Lock()
		for _, sub := range s.subs {
			if end.Before(sub.at) {
				sub.at = end
			}
		}
		if end.Before(s.lastSync) {
			s.lastSync = end
		}
		s.mu.Unlock()
	}
	h.mu.Unlock()
	h.resyncAll(end, "the end of the event log was lost")
}

// Skip implements [events.Handler].
func (h *Hub) Skip(at grapevine.Position) {
	h.mu.Lock()
	h.recent.reset(at)
	h.mu.Unlock()
	h.resyncAll(at, "this instance was behind the event log")
}

// resyncAll tells every socket with rooms to read again. The frame is not an entry of the log.
func (h *Hub) resyncAll(at grapevine.Position, reason string) {
	h.metrics.resyncs.Add(1)
	f := textFrame(events.ResyncFrame(at, reason))
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

// Signal implements [events.Handler]. It hands frames to their rooms, and announcements to the presence.
func (h *Hub) Signal(signals []events.Signal) {
	var touched []*socket
	h.mu.RLock()
	for _, signal := range signals {
		if signal.Presence != nil {
			h.presence.heard(*signal.Presence)
			continue
		}
		subs := h.rooms[signal.Room]
		if len(subs) == 0 {
			continue
		}
		f := textFrame(signal.Frame)
		for _, sub := range subs {
			s := sub.socket
			s.mu.Lock()
			s.put(f, maxSignalQueues*h.cfg.MaxQueue)
			s.mu.Unlock()
			touched = append(touched, s)
		}
	}
	h.mu.RUnlock()
	for _, s := range touched {
		s.poke()
	}
}
