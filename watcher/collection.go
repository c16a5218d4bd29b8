package watcher

import (
	"context"
	"fmt"

	"grapevine"
)

// Effect is what follows from changes. nil means that the whole batch is done for good. An error means that
// the same batch comes again; a [grapevine.DeadLetter] gives up one change. Effects are idempotent by
// position.
type Effect interface {
	Apply(ctx context.Context, batch grapevine.Batch) error
}

// Step is a group of effects by name, which are applied side by side.
type Step map[string]Effect

// Collection is a collection whose changes the watcher follows.
//
// The changes of a collection reach each of its effects in the order of the stream; the changes of two
// collections have no order among them. The first steps of all collections come before their second steps,
// and the checkpoint moves after the last.
//
// The changes of contacts, and the heartbeats, which are handed to the effects of contacts, are numbered: each
// has a position of its own. A change of any other collection has the position (time, 0) of its cluster
// time, which several of them and a change of contacts can share.
//
// After a gap each effect except [EffectJobs] gets a Resync with Restart. Jobs are found by the [Ledger].
type Collection struct {
	Name   string  // required
	Decode Decoder // required
	Steps  []Step  // at least one
}

// numbered reports whether a change of the collection has a position of its own.
func (c *Collection) numbered() bool { return c.Name == grapevine.CollectionContacts }

// part is what a batch holds of one collection.
type part struct {
	collection *Collection
	changes    []grapevine.Change
}

// effectError says which effect of which part of a batch failed.
type effectError struct {
	part   *part
	effect string
	err    error
}

func (e *effectError) Error() string { return fmt.Sprintf("%s: %v", e.effect, e.err) }
func (e *effectError) Unwrap() error { return e.err }
