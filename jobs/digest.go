package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errNotYet: the history has not passed the end of the minute, so a count could still grow.
var errNotYet = errors.New("the history has not reached the minute's end yet")

// ErrPartly is what Count says of counts that are lower bounds, because a part of the minute is no
// longer in the history: it began within it, at the first start or after a gap.
var ErrPartly = errors.New("a part of that time is no longer in the history")

// digest counts what happened to a workspace in one minute, once all of it is in the history.
func (w *Worker) digest(ctx context.Context, d digestPayload) (text string, err error) {
	end := d.Minute.Add(time.Minute)
	if w.cfg.Watermark().Wall().Before(end) {
		return "", errNotYet
	}
	created, updated, deleted, err := w.cfg.Count(ctx, d.Workspace, d.Minute, end)
	partly := errors.Is(err, ErrPartly) // and stays so: to try again would only fail again
	if err != nil && !partly {
		return "", fmt.Errorf("count the minute %s of %s: %w", d.Minute.Format(time.RFC3339), d.Workspace, err)
	}
	w.log.InfoContext(ctx, "digest", "workspace", d.Workspace, "minute", d.Minute.Format(time.RFC3339),
		"created", created, "updated", updated, "deleted", deleted, "partly", partly)
	text = fmt.Sprintf("%d created, %d updated, %d deleted", created, updated, deleted)
	if partly {
		text = "at least " + text
	}
	return text, nil
}
