package store

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Get returns a contact of a workspace as it is at or after a position.
func (s *Store) Get(ctx context.Context, workspace, id string, after grapevine.Position) (c grapevine.Contact, err error) {
	oid, err := objectID(id)
	if err != nil {
		return c, err
	}
	err = s.withTimeout(ctx, s.timeout, "get a contact", func(ctx context.Context) error {
		at, err := s.causal(ctx, after)
		if err != nil {
			return err
		}
		docs, err := s.find(ctx, at, bson.D{{Key: "_id", Value: oid}, {Key: "workspace", Value: workspace}}, bson.E{Key: "limit", Value: 1})
		if err != nil {
			return err
		}
		if len(docs) == 0 {
			return notFound(id)
		}
		c, err = Decode(docs[0])
		return err
	})
	return c, err
}

func objectID(id string) (bson.ObjectID, error) {
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil || !grapevine.ValidID(id) {
		return oid, &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("%.40q is not a contact id: 24 lower-case hex digits", id)}
	}
	return oid, nil
}

func notFound(id string) error {
	return &grapevine.Error{Code: grapevine.NotFound, Message: "there is no contact " + id + " in this workspace"}
}
