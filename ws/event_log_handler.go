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
	h.log.Info("loaded the newest entries of the event log", "position", end, "entries", len(entries))
	return nil
}

// readRecent reads the entries up to end until they fill half of MaxMemory. They are complete after base.
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

// Deliver implements [events.Handler]. It queues the entries for the sockets that they concern.
func (h *Hub) Deliver(after grapevine.Position, read []*events.Entry) {
	var toWake []*socket
	for step := range slices.Chunk(newEntries(read), deliverStep) {
		h.mu.Lock()
		h.recent.append(step)
		h.mu.Unlock()
		h.mu.RLock()
		for _, e := range step {
			toWake = h.enqueueEntry(e, after, toWake)
			after = e.Position
		}
		h.delivered.Store(after)
		h.mu.RUnlock()
		// A writer is woken once for many frames, which then leave in one system call.
		for _, s := range toWake {
			s.wake()
		}
		clear(toWake)
		toWake = toWake[:0]
	}
}

// enqueueEntry queues one entry, and appends the sockets to wake to toWake. before is the position of the
// entry before it. The caller holds mu for reading.
func (h *Hub) enqueueEntry(e *entry, before grapevine.Position, toWake []*socket) []*socket {
	if e.resync != nil {
		h.metrics.resyncs.Add(1)
		for s := range h.sockets {
			if s.ns == contactsNamespace {
				s.enqueueResync(e.Position, e.resync)
				toWake = append(toWake, s)
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
			wake, overflowed := sub.enqueueEvent(e.Position, before, f)
			if wake {
				toWake = append(toWake, sub.socket)
			}
			if overflowed {
				h.metrics.overflows.Add(1)
			}
		}
	}
	return toWake
}

// Rewind implements [events.Handler]. It takes every socket back to end.
func (h *Hub) Rewind(end grapevine.Position) {
	h.mu.Lock()
	h.recent.truncate(end)
	h.pages.reset()
	h.delivered.Store(end)
	for s := range h.sockets {
		s.mu.Lock()
		s.replay.rewind(end)
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
		if s.ns != contactsNamespace {
			continue
		}
		s.withLock(func() {
			if len(s.replay.rooms) > 0 {
				s.enqueueLocked(f)
			}
		})
	}
}

// Signal implements [events.Handler]. It hands frames to their rooms, and announcements to the presence.
func (h *Hub) Signal(signals []events.Signal) {
	var toWake []*socket
	h.mu.RLock()
	for _, signal := range signals {
		if signal.Presence != nil {
			h.presence.receive(*signal.Presence)
			continue
		}
		subs := h.rooms[signal.Room]
		if len(subs) == 0 {
			continue
		}
		f := textFrame(signal.Frame)
		for _, sub := range subs {
			sub.socket.enqueueSignal(f)
			toWake = append(toWake, sub.socket)
		}
	}
	h.mu.RUnlock()
	for _, s := range toWake {
		s.wake()
	}
}
