package forms

import (
	"context"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// Apply names the contacts whose derived part does not belong to their fields. A change that does not say which contact
// it concerns asks for a walk. nil means that all of that is stored, so the checkpoint may move.
func (f *Forms) Apply(ctx context.Context, batch grapevine.Batch) error {
	var names []redis.Z
	walk := false
	for i := range batch.Changes {
		c := &batch.Changes[i]
		switch {
		case c.Unformed, c.Op == grapevine.Resync && c.ID != "":
			names = append(names, nameOf(c.ID, c.Position))
		case c.Op == grapevine.Resync:
			walk = true
		}
	}
	if err := f.named.add(ctx, names); err != nil {
		return err
	}
	if walk {
		if err := f.state.request(ctx); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		f.crash("after-naming")
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// The contacts that are formed at once. A few are those that were edited last, so that an edit does not wait for a storm before it.
const (
	oldestBatch = 180
	newestBatch = 20
)

// formNamed forms some of the named contacts, those first that have waited longest.
func (f *Forms) formNamed(ctx context.Context) (more bool, err error) {
	found, err := f.named.some(ctx, oldestBatch, newestBatch)
	if err != nil || len(found) == 0 {
		return false, err
	}
	ids := make([]string, len(found))
	for i, one := range found {
		ids[i], _ = one.Member.(string)
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
