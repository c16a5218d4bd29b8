package ws

import "grapevine"

// subscription is one room of one socket.
type subscription struct {
	socket   *socket
	room     string
	index    int  // in Hub.rooms[room]; guarded by Hub.mu
	presence bool // wants presence frames; never changes

	// Guarded by socket.mu.
	live     bool               // the hub queues its frames; false while the writer replays the log
	queuedTo grapevine.Position // everything up to here is in the queue, or was never asked for
	members  int                // number in the last presence frame
}

// wantsEntry reports whether the room is live and has not had the entry at the position.
func (sub *subscription) wantsEntry(at grapevine.Position) bool {
	return sub.live && sub.queuedTo.Before(at)
}

// replayState says how far each room of a socket is.
//
// A room is either live, and the hub queues its frames, or it replays: the socket's writer reads the log from
// queuedTo, at the speed of the client. So neither a long replay nor a burst longer than the queue costs
// memory or closes a client that reads. The zero value, with a map of rooms, has no rooms.
type replayState struct {
	rooms      map[string]*subscription
	replaying  int                // rooms that are not live
	overflowed bool               // the queue was full, and not every room is live again
	lastResync grapevine.Position // of the last queued resync that is an entry of the log
}

// add adds a room. It replaces no other.
func (r *replayState) add(sub *subscription) {
	r.rooms[sub.room] = sub
	if !sub.live {
		r.replaying++
	}
}

// remove removes a room and returns it; nil if the socket is not in the room.
func (r *replayState) remove(room string) *subscription {
	sub := r.rooms[room]
	if sub == nil {
		return nil
	}
	delete(r.rooms, room)
	if !sub.live {
		r.replaying--
	}
	return sub
}

// overflow makes every live room replay. delivered is the position up to which the live rooms had
// everything.
func (r *replayState) overflow(delivered grapevine.Position) {
	r.overflowed = true
	for _, sub := range r.rooms {
		if sub.live {
			sub.live = false
			sub.queuedTo = later(sub.queuedTo, delivered)
			r.replaying++
		}
	}
}

// needsResync reports whether the resync at the position has to be queued now, once for all rooms. If every
// room replays, the replay contains it. A live room at or past the position joined after it.
func (r *replayState) needsResync(at grapevine.Position) bool {
	if len(r.rooms) == r.replaying || !r.lastResync.Before(at) {
		return false
	}
	for _, sub := range r.rooms {
		if sub.live && !sub.wantsEntry(at) {
			return false
		}
	}
	return true
}

// replayFrom is the position of the room that is furthest behind; ok is false if every room is live.
func (r *replayState) replayFrom() (from grapevine.Position, ok bool) {
	for _, sub := range r.rooms {
		if !sub.live && (!ok || sub.queuedTo.Before(from)) {
			from, ok = sub.queuedTo, true
		}
	}
	return from, ok
}

// replay calls queue for each frame that the replaying rooms need from entries, and moves these rooms to the position
// to. entries are all entries in (from, to]. A room that joined meanwhile with an earlier position waits.
func (r *replayState) replay(from, to grapevine.Position, entries []*entry, queue func(*frame)) {
	for _, e := range entries {
		if e.resync != nil && r.lastResync.Before(e.Position) {
			r.lastResync = e.Position
			queue(e.resync)
		}
		for i := range e.Deliveries {
			sub := r.rooms[e.Deliveries[i].Room]
			if sub == nil || sub.live || sub.queuedTo.Before(from) || !sub.queuedTo.Before(e.Position) {
				continue
			}
			queue(e.frame(i))
		}
	}
	for _, sub := range r.rooms {
		if !sub.live && !sub.queuedTo.Before(from) {
			sub.queuedTo = later(sub.queuedTo, to)
		}
	}
}

// finish makes the rooms that have reached end live. The caller keeps end, the end of the log, from moving.
func (r *replayState) finish(end grapevine.Position) {
	for _, sub := range r.rooms {
		if !sub.live && !sub.queuedTo.Before(end) {
			sub.live = true
			r.replaying--
		}
	}
	if r.replaying == 0 {
		r.overflowed = false
	}
}

// rewind takes every room back to end, where the log now ends.
func (r *replayState) rewind(end grapevine.Position) {
	for _, sub := range r.rooms {
		sub.queuedTo = earlier(sub.queuedTo, end)
	}
	r.lastResync = earlier(r.lastResync, end)
}

// queuedTo is the position up to which every room has everything in its queue. delivered is that position
// for the live rooms.
func (r *replayState) queuedTo(delivered grapevine.Position) grapevine.Position {
	least, first := delivered, true
	for _, sub := range r.rooms {
		at := sub.queuedTo
		if sub.live {
			at = later(at, delivered)
		}
		if first || at.Before(least) {
			least, first = at, false
		}
	}
	return least
}

func later(p, q grapevine.Position) grapevine.Position {
	if p.Before(q) {
		return q
	}
	return p
}

func earlier(p, q grapevine.Position) grapevine.Position {
	if q.Before(p) {
		return q
	}
	return p
}
