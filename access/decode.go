package access

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// checked is a document that knows what its shape does not say.
type checked[T any] interface {
	*T
	check() error
}

// decode reads a stored document. One that does not fit the schema gives no rights: it is an error, never a document with
// fewer fields.
func decode[T any, P checked[T]](raw bson.Raw, s shape, collection string) (T, error) {
	var document, none T
	err := s.check(raw)
	if err == nil {
		err = bson.Unmarshal(raw, &document)
	}
	if err == nil {
		err = P(&document).check()
	}
	if err != nil {
		return none, fmt.Errorf("%w: a document of %s: %w", errUnfit, collection, err)
	}
	return document, nil
}

func decodeUser(raw bson.Raw) (User, error) { return decode[User](raw, userShape, "users") }

func decodeSession(raw bson.Raw) (Session, error) {
	return decode[Session](raw, sessionShape, "sessions")
}

func decodeToken(raw bson.Raw) (Token, error) { return decode[Token](raw, tokenShape, "tokens") }

func decodeInvitation(raw bson.Raw) (Invitation, error) {
	return decode[Invitation](raw, invitationShape, "invitations")
}

// fitting reads all documents of a cursor, and leaves out those that do not fit.
func fitting[T any](ctx context.Context, cursor *mongo.Cursor, decode func(bson.Raw) (T, error)) ([]T, error) {
	var found []bson.Raw
	if err := cursor.All(ctx, &found); err != nil {
		return nil, err
	}
	list := make([]T, 0, len(found))
	for _, raw := range found {
		if document, unfit := decode(raw); unfit == nil {
			list = append(list, document)
		}
	}
	return list, nil
}
