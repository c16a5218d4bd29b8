package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// reapply applies effects again to the changes from a position up to now. It runs in the goroutine of
// pollCommands. Events cannot be replayed: each has been broadcast once, and the event log refuses its id.
func (s *session) reapply(ctx context.Context, command Command) (result string, err error) {
	from, err := grapevine.ParsePosition(command.From)
	if err != nil {
		return "", err
	}
	until := s.Applied()
	if until.Before(from) {
		return "", fmt.Errorf("%s is after %s, up to which everything was applied", from, until)
	}
	if len(command.Effects) == 0 {
		return "", errors.New("name the effects to replay: jobs, cache")
	}
	for _, name := range command.Effects {
		if name != EffectJobs && name != EffectCache {
			return "", fmt.Errorf("effect %q cannot be replayed; jobs and cache can", name)
		}
	}
	if slices.Contains(command.Effects, EffectJobs) {
		first, err := s.jobsSince(ctx)
		if err != nil {
			return "", err
		}
		if from.Before(first) {
			from = first
		}
	}
	n, at, err := s.reapplyRange(ctx, from, until, command.Effects)
	if err != nil {
		return "", fmt.Errorf("after %d changes, at %s: %w", n, at, err)
	}
	return fmt.Sprintf("%d changes, heartbeats included, from %s to %s", n, from, until), nil
}

// reapplyRange returns the number of changes, and the position of the last one.
func (s *session) reapplyRange(ctx context.Context, from, until grapevine.Position, effects []string) (n int, at grapevine.Position, err error) {
	reader := batchReader{streams: s.streams, from: checkpoint{Position: from, Inclusive: true}}
	defer reader.close(ctx)
	for at.Before(until) {
		b, readErr := reader.read(ctx)
		for _, g := range b.groups {
			for _, name := range effects {
				if err := s.applyNamed(ctx, g.collection, name, g.changes); err != nil {
					return n, at, err
				}
			}
		}
		if b.size() > 0 {
			n, at = n+b.size(), reader.from.Position
		}
		if err := errors.Join(readErr, ctx.Err()); err != nil {
			return n, at, err
		}
	}
	return n, at, nil
}

// applyNamed applies the effect of that name, if the collection has it.
func (s *session) applyNamed(ctx context.Context, collection *Collection, name string, changes []grapevine.Change) error {
	for _, stage := range collection.Stages {
		if effect, ok := stage[name]; ok {
			return effect.Apply(ctx, s.batchOf(changes))
		}
	}
	return nil
}

// jobsSince is the position after which every new contact gets a job. Older contacts were marked as preexisting. A
// replay from before this position would send a mail to each of them.
func (s *session) jobsSince(ctx context.Context) (grapevine.Position, error) {
	began, err := s.Backfill.Began(ctx)
	if err != nil {
		return grapevine.Position{}, fmt.Errorf("read since when contacts get jobs: %w", err)
	}
	gap, err := s.gaps.find(ctx, bson.D{{Key: "preexisting", Value: true}})
	if err != nil {
		return grapevine.Position{}, fmt.Errorf("read since when contacts get jobs: %w", err)
	}
	if gap != nil {
		if began, err = grapevine.ParsePosition(gap.To); err != nil {
			return grapevine.Position{}, fmt.Errorf("read since when contacts get jobs: %w", err)
		}
	}
	if began.IsZero() {
		return began, nil
	}
	return grapevine.Position{Time: began.Time + 1}, nil
}
