package watcher

import (
	"context"
	"fmt"

	"grapevine"
)

// begin makes the first checkpoint, if the pipeline has never run on this database: the stream begins where the first
// start did. It returns nil if the pipeline has run, or if nobody knows where it began.
func (s *session) begin(ctx context.Context) (*checkpoint, error) {
	_, hasHeartbeat, err := s.heartbeat.lastPosition(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for an earlier heartbeat: %w", err)
	}
	recorded, err := s.gaps.exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for an earlier gap: %w", err)
	}
	if hasHeartbeat || recorded {
		return nil, nil
	}
	at, err := s.Backfill.Began(ctx)
	if err != nil || at.IsZero() {
		return nil, err
	}
	s.log.Info("the pipeline begins", "position", at)
	if err := s.Backfill.Register(ctx); err != nil {
		return nil, fmt.Errorf("register the queues: %w", err)
	}
	if err := s.resetEffects(ctx, at, "first start"); err != nil {
		return nil, err
	}
	return s.saveAt(ctx, at)
}

// resetEffects makes every effect start again from what MongoDB holds at a position. Jobs are not told: the caller
// knows which contacts still need one.
func (s *session) resetEffects(ctx context.Context, at grapevine.Position, reason string) error {
	restart := grapevine.NewResync(at, at.Wall(), "", reason)
	restart.Restart = true
	for _, collection := range s.streams.collections {
		for _, stage := range collection.Stages {
			for name, effect := range stage {
				if name == EffectJobs {
					continue
				}
				if err := effect.Apply(ctx, s.batchOf([]grapevine.Change{restart})); err != nil {
					return fmt.Errorf("reset %s of %s: %w", name, collection.Name, err)
				}
			}
		}
	}
	return nil
}

// saveAt replaces the checkpoint by one at a position. The stream continues just after it.
func (s *session) saveAt(ctx context.Context, at grapevine.Position) (*checkpoint, error) {
	next := checkpoint{Position: at, ReplicaSet: s.lease.replicaSet}
	if err := s.save(ctx, nil, next); err != nil {
		return nil, err
	}
	return &next, nil
}
