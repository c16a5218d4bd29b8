package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// FindInAnyWorkspace returns a contact by its id alone, whatever its workspace. found is false if there is none. It is for
// work that follows from a change, such as a job; a request uses [Store.Get].
func (s *Store) FindInAnyWorkspace(ctx context.Context, id string) (c grapevine.Contact, found bool, err error) {
	oid, err := objectID(id)
	if err != nil {
		return c, false, err
	}
	err = s.withTimeout(ctx, s.timeout, "find a contact", func(ctx context.Context) error {
		docs, err := s.find(ctx, nil, bson.D{{Key: "_id", Value: oid}}, bson.E{Key: "limit", Value: 1})
		if err != nil || len(docs) == 0 {
			return err
		}
		found = true
		c, err = Decode(docs[0])
		return err
	})
	return c, found, err
}
