package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/internal/mongox"
)

// noContact matches no document of ours: every _id is an ObjectID.
var noContact = bson.D{{Key: "_id", Value: bson.MinKey{}}}

const codeInvalidID = 53 // InvalidIdField

// ProbeRead reads contacts as a request would, without finding one.
func (s *Store) ProbeRead(ctx context.Context) error {
	_, err := s.find(ctx, nil, noContact, bson.E{Key: "limit", Value: 1})
	return err
}

// ProbeWrite tries an update, a delete and an insert of contacts as a request would, confirmed by a majority. It changes
// nothing: the first two match no contact, and no server stores a document whose _id is an array.
func (s *Store) ProbeWrite(ctx context.Context) error {
	if _, err := s.contacts.UpdateOne(ctx, noContact, bson.D{{Key: "$unset", Value: bson.D{{Key: "_meta", Value: ""}}}}); err != nil {
		return err
	}
	if _, err := s.contacts.DeleteOne(ctx, noContact); err != nil {
		return err
	}
	_, err := s.contacts.InsertOne(ctx, bson.D{{Key: "_id", Value: bson.A{}}})
	if refusedDocument(err) {
		return nil
	}
	return err
}

// refusedDocument reports that MongoDB looked at the document, so the user may insert.
func refusedDocument(err error) bool {
	_, isWriteError := err.(mongo.WriteException) //nolint:errorlint // as the driver returns it
	return isWriteError && mongox.HasCode(err, codeInvalidID, codeBadValue, codeValidationFailed)
}

// ServerVersion returns the version of MongoDB.
func (s *Store) ServerVersion(ctx context.Context) (string, error) {
	return mongox.ServerVersion(ctx, s.db)
}
