// Package seed fills a workspace with sample contacts.
package seed

import (
	"context"
	"iter"
	"time"

	"grapevine"
)

// batchSize is the number of contacts in one write.
const batchSize = 1000

// Store is the part of the store that [Fill] needs.
type Store interface {
	// AddMissing stores contacts with their ids and times, and skips those whose id is taken.
	AddMissing(ctx context.Context, contacts []grapevine.Contact) error
}

// Samples says which sample contacts to make. The same values always make the same contacts, except for the times.
type Samples struct {
	Workspace string
	Seed      uint64
	Count     int // the first contacts are the same for any Count
}

// Fill adds the sample contacts that do not exist yet, so it can be stopped and run again. progress, if not nil,
// is called after each batch with the number of contacts done.
func Fill(ctx context.Context, store Store, samples Samples, progress func(done int)) error {
	done := 0
	for batch := range batches(samples.Contacts(time.Now()), batchSize) {
		if err := store.AddMissing(ctx, batch); err != nil {
			return err
		}
		done += len(batch)
		if progress != nil {
			progress(done)
		}
	}
	return nil
}

// batches yields the values in slices of n; the last one may be shorter. A slice is valid until the next one.
func batches[T any](values iter.Seq[T], n int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		batch := make([]T, 0, n)
		for v := range values {
			if batch = append(batch, v); len(batch) < n {
				continue
			}
			if !yield(batch) {
				return
			}
			batch = batch[:0]
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}
