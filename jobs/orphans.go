package jobs

import (
	"context"

	"grapevine/jobs/asynqx"
)

// requeueOrphans enqueues again the orphaned tasks among those that workers have taken, and returns their
// number. Such a task has no message, because its hash was evicted or deleted and Asynq created it anew when it set
// a state, or it has no lease, because Redis lost it. It never ends, its id conflicts for ever, and Asynq's recoverer
// skips it. Its id is enough to make the task again. If a worker still runs it, the ledger lets only one of the two
// take effect.
func (q *Queue) requeueOrphans(ctx context.Context) (requeued int64, err error) {
	for _, queue := range q.names.list() {
		orphans, err := q.orphans(ctx, queue)
		if err != nil {
			return requeued, err
		}
		n, _, err := q.enqueueNew(ctx, orphans)
		requeued += n
		q.metrics.requeued.Add(float64(n))
		if err != nil {
			return requeued, err
		}
	}
	return requeued, nil
}

// orphans frees the ids of the orphaned tasks among the active ones of a queue, and returns these tasks.
func (q *Queue) orphans(ctx context.Context, queue string) (orphans []task, err error) {
	active, err := asynqx.ActiveTasks(ctx, q.rdb, queue)
	if err != nil || len(active) == 0 {
		return nil, err
	}
	placements, err := asynqx.Placements(ctx, q.rdb, queue, active)
	if err != nil {
		return nil, err
	}
	lost := map[string]asynqx.Placement{}
	for i, id := range active {
		if p := placements[i]; p.State == "" || p.Lost {
			lost[id] = p
		}
	}
	freed, err := asynqx.Free(ctx, q.rdb, queue, lost)
	if err != nil {
		return nil, err
	}
	for _, id := range freed {
		if t, ok := parseTaskID(id); ok && q.names.queueFor(t) == queue {
			orphans = append(orphans, t)
		}
	}
	return orphans, nil
}
