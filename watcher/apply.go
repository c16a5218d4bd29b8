package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine"
)

// Effect is what follows from changes. nil means done for good; an error means that the same batch
// comes again; a [grapevine.DeadLetter] gives up one change. Effects are idempotent by position.
type Effect interface {
	Apply(ctx context.Context, batch grapevine.Batch) error
}

// Trace tells when a batch passed each step, for those who want to watch it. Durations count from the
// moment the batch was in hand; Jobs and Events run side by side.
type Trace struct {
	Changes                         []grapevine.Change
	Cache, Jobs, Events, Checkpoint time.Duration
}

// apply takes a batch through every effect in order and moves the checkpoint, trying again until it
// is done. It ends without that only when ctx is done or the fence refuses.
func (s *session) apply(ctx context.Context, b batch) error {
	var wait backoff
	for {
		err := s.applyOnce(ctx, &b)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, grapevine.ErrFenced), errors.Is(err, grapevine.ErrTailLost):
			return err
		}
		if dead, ok := replaceDead(b.changes, err); ok {
			b.dead = append(b.dead, dead)
			continue // the rest of the batch is not to blame, so no waiting
		}
		s.metrics.retries.Inc()
		s.status.trouble(err)
		delay := wait.next()
		if wait.loud() {
			s.log.Warn("batch not applied, will try again", "err", err, "streak", wait.streak, "in", delay, "changes", len(b.changes))
		}
		pause(ctx, delay)
	}
}

// batchOf is what effects are handed: the changes, and the lease and position under which they are applied.
func (s *session) batchOf(changes []grapevine.Change) grapevine.Batch {
	return grapevine.Batch{Changes: changes, Fence: grapevine.Fence{
		LeaseKey: s.lease.key, Nonce: s.lease.nonce, Applied: s.Applied(),
	}}
}

func (s *session) applyOnce(ctx context.Context, b *batch) error {
	t := Trace{Changes: b.changes}
	if err := recordDeadLetters(ctx, s.DB, b.dead); err != nil {
		return err
	}
	if len(b.dead) > 0 {
		s.metrics.dead.Add(float64(len(b.dead)))
		s.log.Error("changes are dead and were recorded", "count", len(b.dead), "first", b.dead[0].Position, "reason", b.dead[0].Reason)
		b.dead = nil
	}
	s.crash("after-read")

	// The cache first, so that a client told to re-read never gets the old value.
	if err := s.Cache.Apply(ctx, s.batchOf(b.changes)); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	t.Cache = time.Since(b.seen)
	s.crash("after-cache")

	var side errgroup.Group
	side.Go(func() error {
		if err := s.Jobs.Apply(ctx, s.batchOf(b.changes)); err != nil {
			return fmt.Errorf("jobs: %w", err)
		}
		t.Jobs = time.Since(b.seen)
		s.crash("after-enqueue")
		return nil
	})
	side.Go(func() error {
		if err := s.Events.Apply(ctx, s.batchOf(b.changes)); err != nil {
			return fmt.Errorf("events: %w", err)
		}
		t.Events = time.Since(b.seen)
		s.crash("after-broadcast")
		return nil
	})
	if err := side.Wait(); err != nil {
		return err
	}
	s.crash("before-checkpoint")

	last := b.changes[len(b.changes)-1].Position
	next := checkpoint{Token: b.token, Position: last, ReplicaSet: s.replicaSet, Database: s.DB.Name(), Pipeline: pipelineHash()}
	if err := s.save(ctx, s.known, next); err != nil {
		return err
	}
	t.Checkpoint = time.Since(b.seen)
	s.known = &next
	s.setApplied(last)
	s.heart.applied(b.beat)
	s.observe(b, t)
	return nil
}

// save moves the checkpoint. Where the effects may be lost it errs, and they have to be had again.
func (s *session) save(ctx context.Context, known *checkpoint, next checkpoint) error {
	err := s.checkpoints.save(ctx, s.lease.nonce, s.server, known, next)
	if errors.Is(err, errRestarted) {
		server, unknown := s.checkpoints.server(ctx)
		if unknown != nil {
			return unknown
		}
		s.server = server // before the effects are had again, on it or on a later one
	}
	return err
}

// crash lets the fault suite end the process at a named point.
func (s *session) crash(point string) {
	if s.Crash != nil {
		s.Crash(point)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
