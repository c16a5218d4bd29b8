package ws

import (
	"sync/atomic"

	"grapevine/events"
)

// entry is an entry of the event log with its WebSocket frames. A frame is made when it is first needed, and
// shared by all sockets.
type entry struct {
	*events.Entry
	resync *frame                  // nil unless the entry is a resync
	frames []atomic.Pointer[frame] // one for each delivery
}

func newEntries(read []*events.Entry) []*entry {
	entries := make([]*entry, len(read))
	for i, e := range read {
		entries[i] = &entry{Entry: e}
		if e.Resync != "" {
			entries[i].resync = textFrame(e.Resync)
		} else {
			entries[i].frames = make([]atomic.Pointer[frame], len(e.Deliveries))
		}
	}
	return entries
}

// frame is the frame of the i-th delivery.
func (e *entry) frame(i int) *frame {
	if f := e.frames[i].Load(); f != nil {
		return f
	}
	e.frames[i].CompareAndSwap(nil, splitFrame(e.Deliveries[i].Head, e.Deliveries[i].Body))
	return e.frames[i].Load()
}
