package store

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// MadeByAPI reports whether the API made the contact, in any workspace. A contact that was inserted directly stays one,
// whatever the API writes to it later. A copied document has the mark of another id. false if there is no such contact.
func (s *Store) MadeByAPI(ctx context.Context, id string) (made bool, err error) {
	oid, err := objectID(id)
	if err != nil {
		return false, err
	}
	err = s.withTimeout(ctx, s.timeout, "find out who made a contact", func(ctx context.Context) error {
		err := s.contacts.FindOne(ctx, bson.D{{Key: "_id", Value: oid}, {Key: "_meta.created", Value: oid}}).Err()
		made = err == nil
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil
		}
		return err
	})
	return made, err
}
