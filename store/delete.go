package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Delete removes a contact. ifMatch is as in [Store.Update].
func (s *Store) Delete(ctx context.Context, workspace, id string, ifMatch []string) (at grapevine.Position, err error) {
	oid, err := objectID(id)
	if err != nil {
		return at, err
	}
	err = s.withTimeout(ctx, s.timeout, "delete a contact", func(ctx context.Context) error {
		if isUnconditional(ifMatch) {
			at, err = s.inSession(ctx, func(ctx context.Context) error {
				return s.deleteOne(ctx, bson.D{{Key: "_id", Value: oid}, {Key: "workspace", Value: workspace}}, notFound(id))
			})
			return err
		}
		at, err = s.retryOnConflict(ctx, func(ctx context.Context) error {
			raw, _, err := s.load(ctx, workspace, oid, ifMatch)
			if err != nil {
				return err
			}
			return s.deleteOne(ctx, ifUnchanged(raw), errConflict)
		})
		return err
	})
	return at, err
}

// deleteOne deletes the contact that a filter matches. It fails with noMatch if there is none.
func (s *Store) deleteOne(ctx context.Context, filter bson.D, noMatch error) error {
	result, err := s.contacts.DeleteOne(ctx, filter)
	if err == nil && result.DeletedCount == 0 {
		return noMatch
	}
	return err
}
