package watcher

import "grapevine"

// Stage is a group of effects by name, which are applied side by side.
type Stage map[string]Effect

// Collection is a collection whose changes the watcher follows.
//
// The changes of a collection reach each of its effects in the order of the stream; the changes of two
// collections have no order among them. The first stages of all collections come before their second stages,
// and the checkpoint moves after the last.
//
// The changes of contacts, and the heartbeats, which are handed to the effects of contacts, are numbered: each
// has a position of its own. A change of any other collection has the position (time, 0) of its cluster
// time, which several of them and a change of contacts can share.
//
// After a gap each effect except [EffectJobs] gets a Resync with Restart. The [JobBackfill] finds the jobs that
// are missing.
type Collection struct {
	Name   string  // required
	Decode Decoder // required
	Stages []Stage // at least one
}

// hasOwnPositions reports whether a change of the collection has a position of its own.
func (c *Collection) hasOwnPositions() bool { return c.Name == grapevine.CollectionContacts }
