package watcher

import (
	"context"
	"time"

	"grapevine/internal/retry"
)

const (
	sweepPoll = time.Second
	// sweepMaxLag bounds how far the pipeline may be behind for a sweep. A job whose change is still to come is not lost.
	sweepMaxLag = 30 * time.Second
)

// sweepJobs lets the backfill look for lost jobs, again and again, until ctx is done. Nothing is swept while a gap is
// open, because its scan decides which contacts get a job.
func (w *Watcher) sweepJobs(ctx context.Context) {
	trouble := retry.FailureLog{Logger: w.log, Failed: "cannot look for lost jobs, will retry", Recovered: "lost jobs are looked for again"}
	due, walk := time.Now(), true
	for retry.Sleep(ctx, sweepPoll) == nil {
		if time.Now().Before(due) || !w.isCaughtUp() {
			continue
		}
		next, err := w.Backfill.Sweep(ctx, walk)
		due = time.Now().Add(next)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			trouble.Failure(err)
		default:
			walk = false
			trouble.Success()
		}
	}
}

func (w *Watcher) isCaughtUp() bool {
	lag, streaming := w.pace()
	return streaming && lag < sweepMaxLag
}

// Pace says how far the pipeline is behind. streaming is false while it applies no changes, or while the lag is unknown.
type Pace = func() (lag time.Duration, streaming bool)

func (w *Watcher) pace() (lag time.Duration, streaming bool) {
	lag, known := w.heartbeat.measureLag()
	return lag, known && w.status.getState() == Streaming
}
