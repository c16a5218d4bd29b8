package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// AddMissing stores contacts with the ids and times that they already have, and skips those whose id is
// taken. Each contact must be valid. A call may take six times [Config.Timeout].
func (s *Store) AddMissing(ctx context.Context, contacts []grapevine.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	docs := make([]any, 0, len(contacts))
	for _, c := range contacts {
		id, err := objectID(c.ID)
		if err != nil {
			return err
		}
		docs = append(docs, s.newDocument(c, id, grapevine.Idempotency{}))
	}
	return s.withTimeout(ctx, bulkFactor*s.timeout, "add contacts", func(ctx context.Context) error {
		_, err := s.contacts.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
		if refused, other := refusedDocuments(err); len(refused) == 0 {
			return other
		}
		return err
	})
}
