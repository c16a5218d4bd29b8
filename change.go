package grapevine

import (
	"fmt"
	"slices"
	"time"
)

// Op is the kind of a [Change].
type Op string

// The kinds of change.
const (
	Created   Op = "created"
	Updated   Op = "updated" // update or replace
	Deleted   Op = "deleted"
	Heartbeat Op = "heartbeat" // no contact changed; time passed
	Resync    Op = "resync"    // the exact change is unknown: forget everything and read again
)

// Source says who wrote a change.
type Source string

// The two sources. A deletion has none.
const (
	API    Source = "api"    // the change has a new mark of the API, see watcher/source.go
	Direct Source = "direct" // mongosh, Compass, a script, a copied or restored document
)

// Change is one decoded event of the change stream. An effect may keep a Change, but must not alter it.
type Change struct {
	Op       Op
	Position Position
	At       time.Time // when MongoDB committed it: the event's wallTime, in milliseconds
	SeenAt   time.Time // when the watcher read it, by this process's wall clock; for display only

	ID string // the contact; empty for Heartbeat and most Resyncs

	// Before and After are the pre-image and the post-image. Before is nil for Created, and After for Deleted.
	// Before is also nil for an Updated whose pre-image is missing and whose workspace and owner did not change.
	Before, After *Contact

	Changed []string // top-level fields of an Updated, sorted, without _form, _meta, createdAt and updatedAt
	Source  Source
	Quiet   bool // of a Created: an import made the contact, and nobody welcomes it

	// DerivedOnly says that an Updated changed nothing that people see: only the derived part, or only the shape in which
	// the fields are stored. Cache and rooms learn of it, because lists order by the derived part. It makes no job.
	DerivedOnly bool
	// Unformed says that the derived part of After does not belong to its fields, so that somebody has to form it.
	Unformed bool

	Reason  string // of a Resync
	Restart bool   // of a Resync: a new event log starts here. Entries and keys with a later position belong to the old one and are deleted.
}

// NewResync is the change that makes every effect start from what MongoDB holds now.
func NewResync(at Position, committed time.Time, id, reason string) Change {
	return Change{Op: Resync, Position: at, At: committed, ID: id, Reason: reason}
}

// IsComplete reports whether the change says which contact it concerns and carries the images that its Op
// needs. Effects treat any other change, except a Heartbeat, as a Resync.
func (c *Change) IsComplete() bool {
	switch c.Op {
	case Created, Updated:
		return c.ID != "" && c.After != nil
	case Deleted:
		return c.ID != "" && c.Before != nil
	case Heartbeat, Resync:
	}
	return false
}

// Contact is the newest image of the contact: After, or Before of a deletion. nil if there is none.
func (c *Change) Contact() *Contact {
	if c.After != nil {
		return c.After
	}
	return c.Before
}

// Previous is the contact before the change. An update without a pre-image did not move the contact, so
// its post-image stands in. nil for a creation.
func (c *Change) Previous() *Contact {
	if c.Before == nil && c.Op == Updated {
		return c.After
	}
	return c.Before
}

// Workspaces are the workspaces that the contact was in before and is in now, each once.
func (c *Change) Workspaces() []string {
	var found []string
	for _, contact := range []*Contact{c.Before, c.After} {
		if contact != nil && !slices.Contains(found, contact.Workspace) {
			found = append(found, contact.Workspace)
		}
	}
	return found
}

// Batch is what the watcher hands every effect: consecutive changes, and the lease under which they are
// applied. Changes is never empty.
type Batch struct {
	Changes []Change
	Fence   Fence
}

// Fence proves that the sender of a [Batch] still holds the lease. An effect that writes in order checks it
// in the same step as the write. The zero Fence checks nothing.
type Fence struct {
	LeaseKey string   // Redis key of the lease
	Nonce    string   // value that the key must hold; empty checks nothing
	Applied  Position // everything up to here is applied; a log that ends before it has lost its end
}

// DeadLetter says that one change can never be applied: it cannot be decoded, or is too large. An effect
// returns it, wrapped or not, for the first such change of a batch, after it applied those before. The
// watcher records the change, replaces it by a [Resync] and gives the effect the rest.
type DeadLetter struct {
	Position Position
	Reason   string
}

func (d *DeadLetter) Error() string {
	return fmt.Sprintf("the change at %s cannot be applied: %s", d.Position, d.Reason)
}
