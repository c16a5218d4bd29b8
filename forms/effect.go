package forms

import (
	"context"

	"grapevine"
)

// Apply names the contacts whose derived part does not belong to their fields. A change that does not say which contact
// it concerns asks for a walk. nil means that all of that is stored, so the checkpoint may move.
func (f *Forms) Apply(ctx context.Context, batch grapevine.Batch) error {
	var positions []any
	walk := false
	for i := range batch.Changes {
		c := &batch.Changes[i]
		switch {
		case c.Unformed, c.Op == grapevine.Resync && c.ID != "":
			positions = append(positions, c.ID, c.Position.String())
		case c.Op == grapevine.Resync:
			walk = true
		}
	}
	if err := f.named.add(ctx, positions); err != nil {
		return err
	}
	if walk {
		if err := f.state.request(ctx); err != nil {
			return err
		}
	}
	if len(positions) > 0 {
		f.crash("after-naming")
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

const namedBatch = 200 // contacts that are formed at once

// formNamed forms some of the named contacts.
func (f *Forms) formNamed(ctx context.Context) (more bool, err error) {
	found, err := f.named.some(ctx, namedBatch)
	if err != nil || len(found) == 0 {
		return false, err
	}
	ids := make([]string, len(found))
	for i, one := range found {
		ids[i] = one.Key
	}
	done, err := f.Contacts.Form(ctx, ids)
	if err == nil {
		err = f.finish(ctx, done)
	}
	if err != nil {
		return false, err
	}
	f.crash("after-forming")
	return true, f.named.remove(ctx, found)
}
