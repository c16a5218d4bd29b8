package watcher

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// JobBackfill enqueues the jobs that are missing. Its ledger knows which contacts have had their jobs. Both
// scans go through the contacts in _id order, starting behind after ("" is the start), and report each chunk,
// so that an interrupted scan can be resumed.
type JobBackfill interface {
	// LedgerEmpty reports whether no contact has ever had a job.
	LedgerEmpty(ctx context.Context) (bool, error)
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

// isLedgerLost reports whether it is unknown who has had a job: the ledger is empty, and it has had rows or
// there is no record of the first start. A ledger that is empty because no job ever ran is not lost.
func (s *session) isLedgerLost(ctx context.Context) (bool, error) {
	empty, err := s.Backfill.LedgerEmpty(ctx)
	if err != nil {
		return false, fmt.Errorf("read whether the ledger is empty: %w", err)
	}
	if !empty {
		return false, nil
	}
	first, err := s.gaps.find(ctx, finishedFirstStart)
	if err != nil {
		return false, fmt.Errorf("read the record of the first start: %w", err)
	}
	return first == nil || first.LedgerUsed, nil
}

// recordLedgerUse records, once, that the ledger has rows. It runs in the goroutine of pollCommands.
func (s *session) recordLedgerUse(ctx context.Context) error {
	if s.ledgerUseRecorded {
		return nil
	}
	empty, err := s.Backfill.LedgerEmpty(ctx)
	if err != nil || empty {
		return err
	}
	updated, err := s.gaps.coll.UpdateOne(ctx, finishedFirstStart, bson.D{{Key: "$set", Value: bson.D{{Key: "ledger", Value: true}}}})
	s.ledgerUseRecorded = err == nil && updated.MatchedCount > 0
	return err
}
