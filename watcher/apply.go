package watcher

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/retry"
)

// Trace says when a batch of contacts passed each effect. Durations count from the moment the watcher read
// the batch.
type Trace struct {
	Changes    []grapevine.Change
	Effects    map[string]time.Duration // by the effect's name
	Checkpoint time.Duration
}

// crashPoints are the points after effects at which the fault suite can end the process.
var crashPoints = map[string]string{
	EffectCache: "after-cache", EffectJobs: "after-enqueue", EffectEvents: "after-broadcast",
}

// apply takes a batch through every effect and moves the checkpoint, and retries until that is done. It
// fails only if ctx is done, or with [grapevine.ErrFenced] or [grapevine.ErrTailLost].
func (s *session) apply(ctx context.Context, b *batch) error {
	var backoff retry.Backoff
	for {
		err := s.applyOnce(ctx, b)
		switch {
		case err == nil:
			s.batches++
			s.reconciles = 0
			s.recordProgress()
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, grapevine.ErrFenced), errors.Is(err, grapevine.ErrTailLost):
			return err
		case replaceDead(b, err):
			continue // the other changes of the batch are not to blame, so do not wait
		}
		s.metrics.retries.Inc()
		s.status.setError(err)
		delay := backoff.Next()
		s.batchTrouble.Failure(err, "delay", delay, "changes", b.size())
		_ = retry.Sleep(ctx, delay)
	}
}

func (s *session) applyOnce(ctx context.Context, b *batch) error {
	if err := recordDeadLetters(ctx, s.DB, b.deadLetters); err != nil {
		return err
	}
	if n := len(b.deadLetters); n > 0 {
		first := b.deadLetters[0]
		s.metrics.dead.Add(float64(n))
		s.log.Error("changes can never be applied; see `grapevine pipeline dead list`", "changes", n, "first", first.Position, "reason", first.Reason)
		b.deadLetters = nil
	}
	s.crash("after-read")
	trace := Trace{Changes: b.contacts(), Effects: map[string]time.Duration{}}
	for stage := range b.stages() {
		if err := s.applyStage(ctx, b, stage, &trace); err != nil {
			return err
		}
	}
	s.crash("before-checkpoint")
	if err := s.moveCheckpoint(ctx, b); err != nil {
		return err
	}
	trace.Checkpoint = time.Since(b.readAt)
	s.heartbeat.acknowledge(b.heartbeat)
	s.observe(b, trace)
	return nil
}

// applyStage applies the effects of one stage of every collection, side by side.
func (s *session) applyStage(ctx context.Context, b *batch, stage int, trace *Trace) error {
	var effects errgroup.Group
	var mu sync.Mutex // of trace
	for _, g := range b.groups {
		if stage >= len(g.collection.Stages) {
			continue
		}
		for name, effect := range g.collection.Stages[stage] {
			effects.Go(func() error {
				if err := effect.Apply(ctx, s.batchOf(g.changes)); err != nil {
					return &effectError{g, name, err}
				}
				if g.collection.hasOwnPositions() {
					mu.Lock()
					trace.Effects[name] = time.Since(b.readAt)
					mu.Unlock()
				}
				s.crash(crashPoints[name])
				return nil
			})
		}
	}
	return effects.Wait()
}

// batchOf adds to changes the lease and the position under which they are applied. Any goroutine of the
// session may call it.
func (s *session) batchOf(changes []grapevine.Change) grapevine.Batch {
	return grapevine.Batch{Changes: changes, Fence: grapevine.Fence{
		LeaseKey: s.lease.key, Nonce: s.lease.nonce, Applied: s.Applied(),
	}}
}

// moveCheckpoint moves the checkpoint behind the batch.
func (s *session) moveCheckpoint(ctx context.Context, b *batch) error {
	next := *s.known
	next.Token, next.Pipeline = b.token, b.pipelineHash
	if !b.position.IsZero() {
		next.Position = b.position
	}
	if err := s.save(ctx, s.known, next); err != nil {
		return err
	}
	s.known = &next
	s.setApplied(next.Position)
	return nil
}

// save writes the checkpoint. If Redis may have lost effects since they were applied, it fails, and the
// effects have to be applied again.
func (s *session) save(ctx context.Context, known *checkpoint, next checkpoint) error {
	err := s.checkpoints.save(ctx, s.lease.nonce, s.server, known, next)
	if errors.Is(err, errServerRestarted) {
		server, readErr := readServerID(ctx, s.Redis)
		if readErr != nil {
			return readErr
		}
		s.server = server // before the effects are applied again, on it or on a later one
	}
	return err
}

// crash lets the fault suite end the process at a named point.
func (s *session) crash(point string) {
	if s.Crash != nil && point != "" {
		s.Crash(point)
	}
}
