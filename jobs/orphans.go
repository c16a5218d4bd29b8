package jobs

import (
	"context"

	"grapevine/jobs/asynqx"
)

// An orphaned task has a hash without a message. The hash was evicted or deleted by hand, and Asynq created
// it anew when it set a state. The task never runs, its id conflicts for ever, and Asynq's recoverer skips
// it. Its id is enough to make the task again.

// requeueOrphans enqueues again the orphaned tasks among those that workers have taken, and returns their
// number.
func (q *Queue) requeueOrphans(ctx context.Context) (requeued int, err error) {
	for _, queue := range q.names.list() {
		orphans, err := q.orphans(ctx, queue)
		if err != nil {
			return requeued, err
		}
		for _, t := range orphans {
			deleted, err := asynqx.DeleteOrphan(ctx, q.rdb, q.names.taskRef(t))
			if err != nil {
				return requeued, err
			}
			if !deleted {
				continue // it ended in the meantime
			}
			if _, err := q.enqueue(ctx, []task{t}); err != nil {
				return requeued, err
			}
			requeued++
			q.metrics.requeued.Inc()
		}
	}
	return requeued, nil
}

// orphans lists the orphaned tasks among the active ones of a queue.
func (q *Queue) orphans(ctx context.Context, queue string) (orphans []task, err error) {
	active, err := asynqx.ActiveTasks(ctx, q.rdb, queue)
	if err != nil || len(active) == 0 {
		return nil, err
	}
	states, err := asynqx.States(ctx, q.rdb, active)
	if err != nil {
		return nil, err
	}
	for i, ref := range active {
		if states[i].HasMessage {
			continue
		}
		if t, ok := parseTaskID(ref.ID); ok && q.names.queueFor(t) == queue {
			orphans = append(orphans, t)
		}
	}
	return orphans, nil
}
