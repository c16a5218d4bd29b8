package store

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

const seedBatch = 1000

// Seed adds the n sample contacts of a seed to a workspace, those that are there already excepted: it
// may be stopped and run again. progress, if not nil, is told after each batch how many are done. Each
// batch may take six times [Config.Timeout], since a MongoDB that is filled pauses now and then; ctx bounds
// the whole.
func (s *Store) Seed(ctx context.Context, workspace string, n int, seed uint64, progress func(done int)) error {
	wide := *s
	wide.timeout = 6 * s.timeout
	batch := make([]any, 0, seedBatch)
	done := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := wide.call(ctx, "add sample contacts", func(ctx context.Context) error {
			_, err := s.contacts.InsertMany(ctx, batch, options.InsertMany().SetOrdered(false))
			if onlyDuplicates(err) {
				return nil
			}
			return err
		})
		done += len(batch)
		batch = batch[:0]
		if err == nil && progress != nil {
			progress(done)
		}
		return err
	}
	for c := range Sample(workspace, seed, n, time.Now()) {
		id, err := objectID(c.ID)
		if err != nil {
			return err
		}
		c.UpdatedAt = c.CreatedAt
		batch = append(batch, document(c, id, grapevine.Idempotency{}))
		if len(batch) == seedBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func onlyDuplicates(err error) bool {
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return false
	}
	for _, e := range bulk.WriteErrors {
		if !e.HasErrorCode(11000) {
			return false
		}
	}
	return true
}
