package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// inspect looks at tasks whose id was taken, in one round trip per 500 of them. A live or finished one
// is what a replay expects. An archived one blocks its id until somebody runs or deletes it, so it is
// counted and said. One that lost its message is cleared away and answered, to be offered again.
func (q *Queue) inspect(ctx context.Context, conflicts []task) (again []task, err error) {
	for _, t := range conflicts {
		q.metrics.conflicts.WithLabelValues(t.kind).Inc()
	}
	var archived int
	var example string
	for len(conflicts) > 0 {
		chunk := conflicts[:min(500, len(conflicts))]
		conflicts = conflicts[len(chunk):]
		states := make([]*redis.StringCmd, len(chunk))
		whole := make([]*redis.BoolCmd, len(chunk))
		_, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, t := range chunk {
				states[i] = p.HGet(ctx, taskKey(t.queue(), t.id), "state")
				whole[i] = p.HExists(ctx, taskKey(t.queue(), t.id), "msg")
			}
			return nil
		})
		if err != nil && err != redis.Nil { //nolint:errorlint // Pipelined answers a command's error as it is
			return nil, fmt.Errorf("look at %d tasks that were there before: %w", len(chunk), err)
		}
		for i, t := range chunk {
			switch state := states[i].Val(); {
			case state == "":
				// Finished and gone since, or lost: the ledger tells the two apart when it runs.
				again = append(again, t)
			case !whole[i].Val():
				if _, err := makeWay(ctx, q.rdb, t); err != nil {
					return nil, err
				}
				q.metrics.rebuilt.Inc()
				again = append(again, t)
			case state == "archived":
				archived++
				example = t.id
			}
		}
	}
	if archived > 0 {
		q.metrics.archived.Add(float64(archived))
		if n, say := q.quiet.note(); say {
			q.log.Warn("a change asks for a task that is archived; it does not run until somebody runs or deletes it",
				"tasks", archived, "example", example, "batches", n)
		}
	}
	return again, nil
}
