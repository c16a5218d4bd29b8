package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"grapevine"
)

// errNotYet says that the event log has not reached the end of the minute, so the count could still grow.
var errNotYet = errors.New("the event log has not reached the end of the minute yet")

// digest counts the changes of a workspace in one minute, once the event log holds the whole minute.
func (w *Worker) digest(ctx context.Context, d digestPayload) (text string, err error) {
	end := d.Minute.Add(time.Minute)
	if w.cfg.Watermark().Wall().Before(end) {
		return "", errNotYet
	}
	created, updated, deleted, err := w.cfg.Count(ctx, d.Workspace, d.Minute, end)
	partial := errors.Is(err, grapevine.ErrPartial) // a retry would count no more
	if err != nil && !partial {
		return "", fmt.Errorf("count the changes of %s in the minute %s: %w", d.Workspace, d.Minute.Format(time.RFC3339), err)
	}
	w.log.InfoContext(ctx, "digest", "workspace", d.Workspace, "minute", d.Minute.Format(time.RFC3339),
		"created", created, "updated", updated, "deleted", deleted, "partial", partial)
	text = fmt.Sprintf("%d created, %d updated, %d deleted", created, updated, deleted)
	if partial {
		text = "at least " + text
	}
	return text, nil
}
