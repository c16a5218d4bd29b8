package jobs

import (
	"context"
	"maps"
	"slices"

	"grapevine/jobs/asynqx"
)

// resolveConflicts looks up tasks whose id was taken, and returns those whose id is free now. A replay
// expects live and finished tasks. An archived task blocks its id until somebody runs or deletes the task, so it is
// counted and logged. A lost task is deleted and returned, and the caller enqueues it again.
func (q *Queue) resolveConflicts(ctx context.Context, conflicts []task) (freed []task, err error) {
	byQueue := map[string]map[string]task{}
	for _, t := range conflicts {
		q.metrics.conflicts.WithLabelValues(t.kind).Inc()
		queue := q.names.queueFor(t)
		if byQueue[queue] == nil {
			byQueue[queue] = map[string]task{}
		}
		byQueue[queue][t.id] = t
	}
	var archived int
	var example string
	for queue, tasks := range byQueue {
		ids := slices.Collect(maps.Keys(tasks))
		placements, err := asynqx.Placements(ctx, q.rdb, queue, ids)
		if err != nil {
			return nil, err
		}
		lost := map[string]asynqx.Placement{}
		for i, id := range ids {
			switch p := placements[i]; {
			case p.State == "":
				// It finished and expired in the meantime, or was lost. The ledger decides when it runs.
				freed = append(freed, tasks[id])
			case p.Lost && p.State != asynqx.Completed:
				lost[id] = p
			case p.State == asynqx.Archived:
				archived++
				example = id
			}
		}
		ids, err = asynqx.Free(ctx, q.rdb, queue, lost)
		if err != nil {
			return nil, err
		}
		q.metrics.requeued.Add(float64(len(ids)))
		for _, id := range ids {
			freed = append(freed, tasks[id])
		}
	}
	if archived > 0 {
		q.metrics.archived.Add(float64(archived))
		if n, ok := q.archivedLimiter.Allow(); ok {
			q.log.Warn("changes ask for tasks that are archived; run or delete those in the dashboard",
				"tasks", archived, "example", example, "occurrences", n)
		}
	}
	return freed, nil
}
