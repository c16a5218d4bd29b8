package grapevine

import (
	"fmt"
	"time"
)

// Op says what a [Change] is.
type Op string

// The five things that happen in the stream.
const (
	Created   Op = "created"
	Updated   Op = "updated" // update or replace
	Deleted   Op = "deleted"
	Heartbeat Op = "heartbeat" // nothing of the contacts changed; time moved
	Resync    Op = "resync"    // what exactly changed is not known: forget everything, re-read
)

// Source says through what a change was written.
type Source string

// The two sources; a deletion has none.
const (
	API    Source = "api"    // it wrote a new _meta.write, as every write through the API does
	Direct Source = "direct" // mongosh, Compass, a script
)

// Change is one event of the change stream, decoded. Effects may keep a Change; nobody alters it.
type Change struct {
	Op       Op
	Position Position
	At       time.Time // when MongoDB committed it (the event's wallTime, milliseconds)
	SeenAt   time.Time // when the watcher had it in hand, this process's wall clock; for display only

	ID            string   // the contact; empty for Heartbeat and most Resyncs
	Before, After *Contact // pre- and post-image; Before is nil for Created, After for Deleted.
	// Before of an Updated is nil too if the pre-image was missing and neither workspace nor owner
	// changed: the rooms and lists it was in are then those of After.
	Changed []string // top-level fields of an Updated, sorted, without _meta, createdAt and updatedAt
	Source  Source

	Reason string // of a Resync
	Anew   bool   // of a Resync: the history before it is lost or of another cluster. Whatever is kept with a later position is from there and goes.
}

// Dead says that one change can never succeed (undecodable, too large). An effect returns it, wrapped
// or not, for the first such change of a batch, after having applied those before it. The watcher
// records it, replaces the change by a [Resync] and gives the effect the rest.
type Dead struct {
	Position Position
	Reason   string
}

func (d *Dead) Error() string { return fmt.Sprintf("change at %s is dead: %s", d.Position, d.Reason) }

// Fence is what a watcher's effects check before they append to the history: the Redis key of the
// lease, the nonce it must hold, and the position up to which this watcher has applied everything. A
// history whose last id is before Applied has lost its tail, and an append there would hide a hole.
type Fence struct {
	LeaseKey string
	Nonce    string
	Applied  Position
}
