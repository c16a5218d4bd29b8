package jobs

import (
	"context"
	"slices"
	"time"

	"grapevine"
	"grapevine/ledger"
)

// Backfiller enqueues the welcomes that are missing: those of contacts on which the ledger has no effect.
// The watcher runs it after a gap, when changes or tasks may be lost, and lets it sweep for tasks that Redis has lost
// while it holds the lease. It also registers the queues in Redis, without which [Queue.Apply] refuses to work:
// [Backfiller.Register] or one of the two scans has to run before the first batch.
type Backfiller struct {
	queue  *Queue
	ledger *ledger.Ledger

	// lostAfter is the age from which a sweep may call a task lost. It is far above the time between two looks at the
	// same task in one sweep.
	lostAfter time.Duration

	// Only Sweep uses these.
	walkedAt time.Time
	suspects []string // ids of tasks that did not exist at the last walk
}

// NewBackfiller combines the queue and the ledger.
func NewBackfiller(queue *Queue, ledger *ledger.Ledger) *Backfiller {
	return &Backfiller{queue: queue, ledger: ledger, lostAfter: time.Minute}
}

// Register lists the queues in Redis.
func (b *Backfiller) Register(ctx context.Context) error { return b.queue.register(ctx) }

// Began is the position after which every new contact gets a task from the stream; zero if it is unknown.
func (b *Backfiller) Began(ctx context.Context) (grapevine.Position, error) {
	return b.ledger.Began(ctx)
}

// LedgerLost reports whether it is unknown who has had a job.
func (b *Backfiller) LedgerLost(ctx context.Context) (bool, error) { return b.ledger.Lost(ctx) }

// EnqueueMissing enqueues the welcome of every contact without a row in the ledger, and of every contact whose
// claim no run has finished, because its task may be lost too. It scans in the order of ids from the one
// after from ("" is the start) and skips contacts whose id is not an ObjectID. A second run, and live tasks
// at the same time, do no harm.
func (b *Backfiller) EnqueueMissing(ctx context.Context, from string, progress ledger.Progress) error {
	if err := b.queue.register(ctx); err != nil {
		return err
	}
	return b.ledger.Scan(ctx, from, progress, func(ctx context.Context, p ledger.Pending) (enqueued int64, err error) {
		tasks := make([]task, 0, len(p.Absent)+len(p.Unfinished))
		for _, id := range slices.Concat(p.Absent, p.Unfinished, p.Failed) {
			tasks = append(tasks, welcomeTask(id.Hex()))
		}
		return b.queue.enqueue(ctx, tasks)
	})
}

// MarkPreexisting marks every contact without a row as older than the pipeline, so that no reconcile welcomes
// it. It does not change existing rows.
func (b *Backfiller) MarkPreexisting(ctx context.Context, from string, progress ledger.Progress) error {
	if err := b.queue.register(ctx); err != nil {
		return err
	}
	return b.ledger.MarkPreexisting(ctx, from, progress)
}
