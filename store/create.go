package store

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
)

// idempotencyWait is the longest wait between two searches for the contact of another call with the same key.
const idempotencyWait = 10 * time.Millisecond

// Create stores a new contact with a new id and the current time. If the idempotency key was used before in
// this workspace, Create returns the contact of that call in its current state, and created is false. The same
// key with another fingerprint is Invalid. The position is that of the contact's own event.
func (s *Store) Create(ctx context.Context, c grapevine.Contact, key grapevine.Idempotency) (contact grapevine.Contact, at grapevine.Position, created bool, err error) {
	c.ID, c.CreatedAt = "", grapevine.Time{}
	if err := c.Validate(); err != nil {
		return contact, at, false, err
	}
	setTimes(&c, time.Now())
	id := bson.NewObjectID()
	if key.Key != "" {
		id = keyID(c.Workspace, key)
	}
	doc, err := bson.Marshal(s.newDocument(c, id, key))
	if err != nil {
		return contact, at, false, err
	}
	err = s.withTimeout(ctx, s.timeout, "create a contact", func(ctx context.Context) error {
		at, err = s.inSession(ctx, func(ctx context.Context) (err error) {
			contact, created, err = s.create(ctx, c, doc, key)
			return err
		})
		return err
	})
	return contact, at, created, err
}

func (s *Store) create(ctx context.Context, c grapevine.Contact, doc bson.Raw, key grapevine.Idempotency) (contact grapevine.Contact, created bool, err error) {
	backoff := retry.Backoff{First: idempotencyWait, Max: idempotencyWait}
	for {
		// The key comes before the organization: a repeated call gets its contact even if the organization
		// has been deleted since.
		if first, found, err := s.createdBefore(ctx, c.Workspace, key); err != nil || found {
			return first, false, err
		}
		if err := s.checkOrganization(ctx, c); err != nil {
			return contact, false, err
		}
		_, err := s.contacts.InsertOne(ctx, doc)
		if mongo.IsDuplicateKeyError(err) && key.Key != "" && isDuplicateID(err) {
			// Another call with this key was faster. A majority may not have its contact yet, or it may be
			// deleted already. Repeat until one of the two calls has a contact, or ctx ends.
			if err := retry.Sleep(ctx, backoff.Next()); err != nil {
				return contact, false, err
			}
			continue
		}
		if err != nil {
			return contact, false, err
		}
		contact, err = Decode(doc)
		return contact, true, err
	}
}

// createdBefore finds the contact of an earlier call with this key.
func (s *Store) createdBefore(ctx context.Context, workspace string, key grapevine.Idempotency) (c grapevine.Contact, found bool, err error) {
	if key.Key == "" {
		return c, false, nil
	}
	raw, err := s.contacts.FindOne(ctx, createdWith(workspace, key), options.FindOne().SetSort(bson.D{{Key: "_id", Value: 1}})).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	// A direct edit may have replaced the document and with it the fingerprint. The id still shows whose contact it is.
	if fingerprint, ok := raw.Lookup("_meta", "fingerprint").StringValueOK(); ok && fingerprint != key.Fingerprint {
		return c, false, &grapevine.Error{Code: grapevine.Invalid, Message: "this Idempotency-Key was used before with another request"}
	}
	c, err = Decode(raw)
	return c, true, err
}

// createdWith matches the contact that was created with a key, by its id. Earlier versions gave every contact a new id;
// there the key is looked for. A copy of the contact has the same key, but a mark that names another contact, or, if it
// was made of a document of an earlier version, a later id.
func createdWith(workspace string, key grapevine.Idempotency) bson.D {
	return bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "_id", Value: keyID(workspace, key)}},
		bson.D{
			{Key: "_meta.key", Value: storedKey(workspace, key)},
			{Key: "$expr", Value: bson.D{{Key: "$eq", Value: bson.A{"$_id", bson.D{{Key: "$ifNull", Value: bson.A{"$_meta.id", "$_id"}}}}}}},
		},
	}}}
}

func isDuplicateID(err error) bool {
	reply := refusedReply(err)
	if !mongox.HasCode(err, codeDuplicateKey) {
		return false
	}
	keys, _ := reply.Lookup("keyPattern").DocumentOK()
	_, lookupErr := keys.LookupErr("_id")
	return lookupErr == nil
}
