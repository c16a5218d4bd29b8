package imports

import (
	"context"
	"time"

	"grapevine/internal/retry"
	"grapevine/transfer/record"
)

// A row without a uid and an e-mail address is looked for by its name. The pipeline makes the names of direct edits findable, in the
// order of the change stream, so whatever was edited before the import is counted when its run begins.

const (
	formingWait = 200 * time.Millisecond // until an import asks again
	// fewUnformed contacts do not delay an import for longer than fewPatience: they may be new ones all the time.
	fewUnformed = 500
	fewPatience = 10 * time.Second
)

const (
	formingMessage        = "The import has rows without an e-mail address and a uid, and waits until all contacts can be found by their names. The part forms of /readyz says how far that is."
	formingPreviewMessage = "Not all contacts can be found by their names yet. Until then, some rows count as new whose contacts are there already."
)

func needsNames(onMatch OnMatch, rows []record.Row) bool {
	return onMatch != Add && len(keysOf(contacts(rows)).Names) > 0
}

// waitForForms waits until contacts are found by their names. It goes on to ask if nobody knows.
func (r *Runner) waitForForms(ctx context.Context, d *document) error {
	for began := time.Now(); ; {
		n, err := r.cfg.Unformed(ctx)
		if err == nil && (n == 0 || n <= fewUnformed && time.Since(began) > fewPatience) {
			d.Message = ""
			return nil
		}
		if d.Message == "" && time.Since(began) > time.Second {
			d.Message = formingMessage
			if err := r.cfg.Storage.save(ctx, d); err != nil {
				return err
			}
		}
		if err := retry.Sleep(ctx, formingWait); err != nil {
			return err
		}
	}
}
