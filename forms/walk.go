package forms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"grapevine"
	"grapevine/derived"
	"grapevine/internal/retry"
)

const (
	walkChunk = 200         // contacts between two records of how far the walk is
	walkCheck = time.Second // between two looks whether a walk is due
)

var errNoTime = errors.New("MongoDB's time is not known yet")

// walker goes over all contacts in the order of their ids when a walk is due. It goes on where another instance was killed.
type walker struct {
	*Forms
	looked time.Time // when no walk was due
}

// step does one chunk of a walk. It takes as long for the next one as for this one, so that requests have half of MongoDB.
func (w *walker) step(ctx context.Context) (more bool, err error) {
	if time.Since(w.looked) < walkCheck {
		return false, nil
	}
	r, err := w.state.read(ctx)
	if err != nil {
		return false, err
	}
	settled, migrating, err := w.Migration.Pending(ctx)
	if err != nil {
		return false, err
	}
	now, known := w.Now()
	if !known {
		return false, errNoTime
	}
	if !r.isDue(migrating, now.Before(settled)) {
		w.looked = time.Now()
		return false, nil
	}
	current := r.Walk
	if !fits(current, &r, migrating) {
		if current, err = w.begin(ctx, &r, migrating, now); err != nil {
			return false, err
		}
	}
	began := time.Now()
	done, err := w.Contacts.FormNext(ctx, current.After, walkChunk, current.Fold)
	if err == nil {
		err = w.finish(ctx, done)
	}
	if err != nil {
		return false, err
	}
	current.Seen, current.Written = current.Seen+int64(done.Seen), current.Written+int64(done.Written)
	w.crash("mid-walk")
	if done.Seen < walkChunk {
		return false, w.end(ctx, current, settled)
	}
	current.After = done.Last
	if err := w.state.save(ctx, current); err != nil {
		return false, err
	}
	if done.Written > 0 {
		_ = retry.Sleep(ctx, time.Since(began))
	}
	return true, nil
}

// fits reports whether the walk answers all that was asked for.
func fits(current *walk, r *record, migrating bool) bool {
	return current != nil && current.Version == derived.Version && current.Requests == r.Requests && current.Fold == migrating
}

// begin starts a walk from the first contact.
func (w *walker) begin(ctx context.Context, r *record, migrating bool, now time.Time) (*walk, error) {
	total, err := w.DB.Collection(grapevine.CollectionContacts).EstimatedDocumentCount(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the contacts: %w", err)
	}
	current := &walk{Version: derived.Version, Requests: r.Requests, Fold: migrating, Total: total, StartedAt: now}
	return current, w.state.save(ctx, current)
}

// end records the end. A walk of a migration that began while the earlier program could still write is followed by another one.
func (w *walker) end(ctx context.Context, current *walk, settled time.Time) error {
	now, known := w.Now()
	if !known {
		return errNoTime
	}
	current.EndedAt = now
	if current.Seen > 0 {
		w.Logger.Info("all contacts are formed", "contacts", current.Seen, "written", current.Written, "took", now.Sub(current.StartedAt).Round(time.Second))
	}
	if err := w.state.end(ctx, current); err != nil {
		return err
	}
	if current.Fold && !current.StartedAt.Before(settled) {
		return w.Migration.End(ctx)
	}
	return nil
}
