package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Find is one contact by its id alone, of whatever workspace; false if there is none. It is for what
// follows from a change, such as a job, and not for a request.
func (s *Store) Find(ctx context.Context, id string) (c grapevine.Contact, found bool, err error) {
	oid, err := objectID(id)
	if err != nil {
		return c, false, err
	}
	err = s.call(ctx, "find a contact", func(ctx context.Context) error {
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
