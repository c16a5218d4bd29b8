package jobs

import (
	"context"
	"time"

	"grapevine/internal/retry"
)

// maxArchive is the size of Asynq's archive. Beyond it Asynq deletes the oldest tasks and logs nothing.
const maxArchive = 10_000

// runJanitor looks regularly for what Asynq does not report: orphaned tasks, and tasks that its recoverer
// archived, for which it does not call the ErrorHandler.
func (w *Worker) runJanitor(ctx context.Context) error {
	tick := time.NewTicker(w.janitorInterval)
	defer tick.Stop()
	failures := retry.FailureLog{
		Logger: w.log, Failed: "cannot check the queues for lost and archived tasks, will retry",
		Recovered: "checking the queues works again", Every: time.Minute,
	}
	archived := int64(-1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var err error
		archived, err = w.checkQueues(ctx, archived)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			failures.Failure(err)
		default:
			failures.Success()
		}
	}
}

// checkQueues requeues orphaned tasks and returns the number of archived tasks. before is that of the last
// run, or -1.
func (w *Worker) checkQueues(ctx context.Context, before int64) (archived int64, err error) {
	requeued, err := w.cfg.Queue.requeueOrphans(ctx)
	if requeued > 0 {
		w.log.Warn("Redis had lost the message or the lease of tasks, which are enqueued again; check that its maxmemory-policy is noeviction", "tasks", requeued)
	}
	if err != nil {
		return before, err
	}
	sizes, err := w.sizes.Read(ctx)
	if err != nil {
		return before, err
	}
	for _, s := range sizes {
		archived += s.Archived
		if s.Archived > maxArchive*8/10 {
			w.log.Error("the archive is nearly full, and then Asynq deletes the oldest failed tasks; run or delete tasks in the dashboard", "queue", s.Queue, "archived", s.Archived, "limit", maxArchive)
		}
	}
	if before >= 0 && archived > before {
		w.log.Warn("tasks failed for good and are archived; run or delete them in the dashboard", "new", archived-before, "archived", archived)
	}
	return archived, nil
}
