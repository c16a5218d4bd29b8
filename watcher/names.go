package watcher

import "grapevine"

// Collections that the watcher itself reads or writes.
const (
	contacts    = grapevine.CollectionContacts
	heartbeats  = grapevine.CollectionHeartbeats
	deadLetters = grapevine.CollectionDeadLetters
	gaps        = grapevine.CollectionGaps
	control     = grapevine.CollectionControl
)

// Names of effects, as commands and errors use them.
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
