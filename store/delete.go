package store

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/mongox"
)

// Delete removes a contact. ifMatch is as in [Store.Update].
func (s *Store) Delete(ctx context.Context, workspace, id string, ifMatch []string) (at grapevine.Position, err error) {
	oid, err := objectID(id)
	if err != nil {
		return at, err
	}
	err = s.withTimeout(ctx, s.timeout, "delete a contact", func(ctx context.Context) error {
		at, err = s.retryOnConflict(ctx, func(ctx context.Context) error {
			if isUnconditional(ifMatch) {
				return s.deleteOne(ctx, oid, bson.D{{Key: "_id", Value: oid}, {Key: "workspace", Value: workspace}}, notFound(id))
			}
			raw, _, err := s.load(ctx, workspace, oid, ifMatch)
			if err != nil {
				return err
			}
			return s.deleteOne(ctx, oid, ifUnchanged(raw), errConflict)
		})
		return err
	})
	if err != nil {
		return grapevine.Position{}, err
	}
	at.N = 1 // behind the event of the stamp
	return at, nil
}

// errUnstampable says that MongoDB deletes a document, and accepts no change of it.
var errUnstampable = errors.New("the document can only be deleted")

// deleteOne deletes the contact that a filter matches. It fails with noMatch if there is none. One transaction stamps the
// contact first, so that the pre-image of the deletion says who deleted it.
func (s *Store) deleteOne(ctx context.Context, id bson.ObjectID, filter bson.D, noMatch error) error {
	stamp := append(s.stamp(ctx, id, ""), bson.E{Key: metaDeleting, Value: true})
	err := transact(ctx, func(ctx context.Context) error {
		stamped, err := s.contacts.UpdateOne(ctx, filter, bson.D{{Key: "$set", Value: bson.D{{Key: "_meta", Value: stamp}}}})
		switch {
		case refusal(err) != nil || mongox.HasCode(err, tooLargeCodes...):
			return errors.Join(errUnstampable, err)
		case err != nil:
			return err
		case stamped.MatchedCount == 0:
			return noMatch
		}
		_, err = s.contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
		return err
	})
	if !errors.Is(err, errUnstampable) {
		return err
	}
	// It breaks a rule of an administrator, or has no room left. Nobody learns who deleted it.
	result, err := s.contacts.DeleteOne(ctx, filter)
	if err == nil && result.DeletedCount == 0 {
		return noMatch
	}
	return err
}
