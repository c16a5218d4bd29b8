package ws

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
)

func at(n uint64) grapevine.Position { return grapevine.Position{Time: n} }

// entryFor is an entry that concerns rooms.
func entryFor(n uint64, rooms ...string) *entry {
	e := &entry{Entry: &events.Entry{Position: at(n)}, frames: make([]atomic.Pointer[frame], len(rooms))}
	for _, room := range rooms {
		e.Deliveries = append(e.Deliveries, events.Delivery{Room: room, Head: room})
	}
	return e
}

// replayed are the rooms whose frames a replay queues, in order.
func (r *replayState) replayed(from, to uint64, entries ...*entry) (rooms []string) {
	r.replay(at(from), at(to), entries, func(f *frame) { rooms = append(rooms, payload(f)) })
	return rooms
}

func newReplayState(subs ...*subscription) *replayState {
	r := &replayState{rooms: map[string]*subscription{}}
	for _, sub := range subs {
		r.add(sub)
	}
	return r
}

func TestRoomsReplayFromTheirOwnPositionUntilTheyAreLive(t *testing.T) {
	a, b := &subscription{room: "a", queuedTo: at(1)}, &subscription{room: "b", queuedTo: at(3)}
	live := &subscription{room: "c", queuedTo: at(1), live: true}
	r := newReplayState(a, b, live)
	require.Equal(t, 2, r.replaying)
	from, ok := r.replayFrom()
	require.True(t, ok)
	require.Equal(t, at(1), from)
	require.Equal(t, at(1), r.queuedTo(at(5)), "the room that is furthest behind counts")

	got := r.replayed(1, 4, entryFor(2, "a", "b", "c"), entryFor(3, "a", "b"), entryFor(4, "b", "other"))
	require.Equal(t, []string{"a", "a", "b"}, got, "b has the entries up to 3, c is live")
	require.Equal(t, at(4), r.queuedTo(at(5)))

	r.finish(at(5))
	require.Equal(t, 2, r.replaying, "the log has an entry that they lack")
	require.Equal(t, []string{"a"}, r.replayed(4, 5, entryFor(5, "a")))
	r.finish(at(5))
	require.Zero(t, r.replaying)
	_, ok = r.replayFrom()
	require.False(t, ok)
	require.True(t, a.wantsEntry(at(6)))
	require.False(t, a.wantsEntry(at(5)))
	require.Equal(t, at(6), r.queuedTo(at(6)))
}

func TestARoomThatJoinedFromFurtherBackWaits(t *testing.T) {
	ahead, behind := &subscription{room: "a", queuedTo: at(5)}, &subscription{room: "b", queuedTo: at(1)}
	r := newReplayState(ahead, behind)
	require.Equal(t, []string{"a"}, r.replayed(5, 6, entryFor(6, "a", "b")), "entries after 5 are not all that b lacks")
	require.Equal(t, at(6), ahead.queuedTo)
	require.Equal(t, at(1), behind.queuedTo)
}

func TestAnOverflowMakesEveryRoomReplay(t *testing.T) {
	a := &subscription{room: "a", queuedTo: at(7), live: true}
	b := &subscription{room: "b", queuedTo: at(2), live: true}
	c := &subscription{room: "c", queuedTo: at(1)}
	r := newReplayState(a, b, c)
	r.overflow(at(5))
	require.True(t, r.overflowed)
	require.Equal(t, 3, r.replaying)
	require.Equal(t, at(7), a.queuedTo, "it had more already")
	require.Equal(t, at(5), b.queuedTo, "no entry up to 5 concerned it")
	require.Equal(t, at(1), c.queuedTo)
	r.overflow(at(6))
	require.Equal(t, 3, r.replaying)
	require.Equal(t, at(5), b.queuedTo, "a replaying room keeps its position")
	r.replayed(1, 7)
	r.finish(at(7))
	require.False(t, r.overflowed)

	require.Same(t, a, r.remove("a"))
	require.Nil(t, r.remove("a"))
	r.overflow(at(8))
	r.remove("b")
	r.remove("c")
	require.Zero(t, r.replaying)
	require.Equal(t, at(9), r.queuedTo(at(9)), "without rooms nothing is missing")
}

func TestAResyncIsQueuedOnceForAllRooms(t *testing.T) {
	resync := &entry{Entry: &events.Entry{Position: at(4)}, resync: textFrame("resync")}
	live, replaying := &subscription{room: "a", queuedTo: at(1), live: true}, &subscription{room: "b", queuedTo: at(1)}
	require.False(t, newReplayState().needsResync(at(4)), "without rooms there is nothing to read again")
	require.False(t, newReplayState(replaying).needsResync(at(4)), "the replay contains it")
	r := newReplayState(live, replaying)
	require.True(t, r.needsResync(at(4)))
	r.lastResync = at(4)
	require.False(t, r.needsResync(at(4)))
	require.Empty(t, r.replayed(1, 4, resync))
	require.Equal(t, at(4), replaying.queuedTo)
	joinedLater := newReplayState(&subscription{room: "a", queuedTo: at(4), live: true})
	require.False(t, joinedLater.needsResync(at(4)))

	r = newReplayState(replaying)
	replaying.queuedTo = at(1)
	require.Equal(t, []string{"resync"}, r.replayed(1, 4, resync))
	r.rewind(at(2))
	require.Equal(t, at(2), replaying.queuedTo)
	require.Equal(t, []string{"resync"}, r.replayed(2, 4, resync), "after a rewind it may come again")
}
