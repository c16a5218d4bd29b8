package jobs

import (
	"context"
	"slices"

	"grapevine/jobs/asynqx"
)

// conflictChunk is the number of tasks that are looked up in one round trip.
const conflictChunk = 500

// resolveConflicts looks up tasks whose id was taken, and returns those whose id is free now. A replay
// expects live and finished tasks. An archived task blocks its id until somebody runs or deletes the task, so it is
// counted and logged. An orphaned task is deleted and returned, and the caller enqueues it again.
func (q *Queue) resolveConflicts(ctx context.Context, conflicts []task) (freed []task, err error) {
	for _, t := range conflicts {
		q.metrics.conflicts.WithLabelValues(t.kind).Inc()
	}
	var archived int
	var example string
	for chunk := range slices.Chunk(conflicts, conflictChunk) {
		refs := make([]asynqx.TaskRef, len(chunk))
		for i, t := range chunk {
			refs[i] = q.names.taskRef(t)
		}
		states, err := asynqx.States(ctx, q.rdb, refs)
		if err != nil {
			return nil, err
		}
		for i, t := range chunk {
			switch {
			case states[i].State == "":
				// It finished and expired in the meantime, or was lost. The ledger decides when it runs.
				freed = append(freed, t)
			case !states[i].HasMessage:
				if _, err := asynqx.DeleteOrphan(ctx, q.rdb, refs[i]); err != nil {
					return nil, err
				}
				q.metrics.requeued.Inc()
				freed = append(freed, t)
			case states[i].State == asynqx.Archived:
				archived++
				example = t.id
			}
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
