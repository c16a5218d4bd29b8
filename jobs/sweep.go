package jobs

import (
	"context"
	"time"
)

// archiveLimit is how many tasks Asynq's archive holds; beyond it the oldest are deleted without a word.
const archiveLimit = 10_000

// sweep looks from time to time for what Asynq tells nobody: tasks that lost their message, and tasks
// its recoverer archived, for which the ErrorHandler is not called.
func (w *Worker) sweep(ctx context.Context) error {
	tick := time.NewTicker(w.sweepEvery)
	defer tick.Stop()
	failures := newStreak(time.Minute)
	failing := false
	archived := int64(-1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var err error
		archived, err = w.sweepOnce(ctx, archived)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			failing = true
			if n, say := failures.note(); say {
				w.log.Warn("cannot look after the queues", "error", err, "times", n)
			}
		case failing:
			failing = false
			w.log.Info("recovered: looking after the queues")
		}
	}
}

// sweepOnce answers how many tasks are archived; before is that of the last time, -1 if unknown.
func (w *Worker) sweepOnce(ctx context.Context, before int64) (archived int64, err error) {
	rebuilt, err := w.cfg.Queue.rebuild(ctx)
	if rebuilt > 0 {
		w.log.Warn("tasks had lost their message in Redis and were enqueued anew; is its maxmemory-policy noeviction?", "tasks", rebuilt)
	}
	if err != nil {
		return before, err
	}
	sizes, err := w.stats.Sizes(ctx)
	if err != nil {
		return before, err
	}
	for _, s := range sizes {
		archived += s.Archived
		if s.Archived > archiveLimit*8/10 {
			w.log.Error("the archive is nearly full; Asynq then deletes the oldest failed tasks", "queue", s.Queue, "archived", s.Archived, "limit", archiveLimit)
		}
	}
	if before >= 0 && archived > before {
		w.log.Warn("tasks were given up and archived; run them again or delete them in the dashboard", "new", archived-before, "archived", archived)
	}
	return archived, nil
}
