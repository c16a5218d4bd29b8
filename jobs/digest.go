package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errNotYet: the history has not passed the end of the minute, so a count could still grow.
var errNotYet = errors.New("the history has not reached the minute's end yet")

// digest counts what happened to a workspace in one minute, once all of it is in the history.
func (w *Worker) digest(ctx context.Context, d digestPayload) (text string, err error) {
	end := d.Minute.Add(time.Minute)
	if w.cfg.Watermark().Wall().Before(end) {
		return "", errNotYet
	}
	created, updated, deleted, err := w.cfg.Count(ctx, d.Workspace, d.Minute, end)
	if err != nil {
		return "", fmt.Errorf("count the minute %s of %s: %w", d.Minute.Format(time.RFC3339), d.Workspace, err)
	}
	w.log.InfoContext(ctx, "digest", "workspace", d.Workspace, "minute", d.Minute.Format(time.RFC3339),
		"created", created, "updated", updated, "deleted", deleted)
	return fmt.Sprintf("%d created, %d updated, %d deleted", created, updated, deleted), nil
}
