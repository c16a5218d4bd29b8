package watcher

import (
	"context"
	"fmt"

	"grapevine"
)

// Names of effects, as commands, traces and errors use them.
const (
	EffectCache  = "cache"
	EffectJobs   = "jobs"
	EffectEvents = "events"
	EffectForms  = "forms"

	EffectProgress = "progress"
)

// Effect is what follows from changes. nil means that the whole batch is done for good. An error means that
// the same batch comes again; a [grapevine.DeadLetter] gives up one change. Effects are idempotent by
// position.
type Effect interface {
	Apply(ctx context.Context, batch grapevine.Batch) error
}

// effectError says which effect of which group of a batch failed.
type effectError struct {
	group  *changeGroup
	effect string
	err    error
}

func (e *effectError) Error() string { return fmt.Sprintf("%s: %v", e.effect, e.err) }
func (e *effectError) Unwrap() error { return e.err }
