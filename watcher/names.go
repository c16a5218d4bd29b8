package watcher

import "grapevine"

// Names of effects, as commands, traces and errors use them.
const (
	EffectCache  = "cache"
	EffectJobs   = "jobs"
	EffectEvents = "events"
)

// States of a [Gap].
const (
	GapOpen = "open"
	GapDone = "done"
)

// States of a [DeadLetterRecord].
const (
	DeadLetterDead    = "dead"
	DeadLetterRetried = "retried"
)

// ownCollections are the collections that the pipeline needs besides those it follows. If one of them is
// dropped or renamed, a reconcile follows.
var ownCollections = []string{
	grapevine.CollectionHeartbeats, grapevine.CollectionEffects, grapevine.CollectionDeadLetters,
	grapevine.CollectionGaps, grapevine.CollectionControl,
}
