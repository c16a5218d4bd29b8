package watcher

import (
	"context"
	"time"

	"grapevine"
)

// JobBackfill enqueues the jobs that are missing. Its ledger knows which contacts have had their jobs. Both
// scans go through the contacts in _id order, starting behind after ("" is the start), and report each chunk,
// so that an interrupted scan can be resumed.
type JobBackfill interface {
	// Began is the position after which every new contact gets a job from the stream; zero if it is unknown.
	// Older contacts were marked at the first start.
	Began(ctx context.Context) (grapevine.Position, error)
	// Register makes the queues known. Without it, or one of the scans, the effect jobs refuses every batch.
	Register(ctx context.Context) error
	// LedgerLost reports whether it is unknown who has had a job.
	LedgerLost(ctx context.Context) (bool, error)
	// EnqueueMissing enqueues the job of each contact that has no row in the ledger.
	EnqueueMissing(ctx context.Context, after string, progress Progress) error
	// MarkPreexisting adds a row for each contact that has none, so that no reconcile enqueues its job.
	MarkPreexisting(ctx context.Context, after string, progress Progress) error
	// Sweep looks once for jobs that Redis has lost, and enqueues them again. walk asks for a look at every contact.
	// next is the time until the next sweep.
	Sweep(ctx context.Context, walk bool) (next time.Duration, err error)
}

// Progress takes the last _id of a scan, and how many contacts were seen and backfilled since the scan
// started. Its error ends the scan.
type Progress = func(ctx context.Context, last string, seen, backfilled int64) error
