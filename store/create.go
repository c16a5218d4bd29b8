package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// MaxCreateMany is how many contacts one [Store.CreateMany] takes.
const MaxCreateMany = 5000

// Create stores a new contact and gives it its id and times; created is true. A key that was used
// before in this workspace gives the contact it made then, as it is now, with created false; with
// another fingerprint it is Invalid. The position is that of the contact's own event.
func (s *Store) Create(ctx context.Context, c grapevine.Contact, key grapevine.Idempotency) (contact grapevine.Contact, at grapevine.Position, created bool, err error) {
	id := bson.NewObjectID()
	c.ID, c.CreatedAt = "", grapevine.Time{}
	if err := c.Validate(); err != nil {
		return contact, at, false, err
	}
	stamp(&c, time.Now())
	err = s.call(ctx, "create a contact", func(ctx context.Context) error {
		at, err = s.within(ctx, func(ctx context.Context) (err error) {
			contact, created, err = s.create(ctx, c, id, key)
			return err
		})
		return err
	})
	return contact, at, created, err
}

func (s *Store) create(ctx context.Context, c grapevine.Contact, id bson.ObjectID, key grapevine.Idempotency) (grapevine.Contact, bool, error) {
	doc, err := bson.Marshal(document(c, id, key))
	if err != nil {
		return c, false, err
	}
	for {
		// Before anything else is checked: a repeat gets the first one's contact even if its
		// organization is gone by now.
		if first, found, err := s.createdBefore(ctx, c.Workspace, key); err != nil || found {
			return first, false, err
		}
		if err := s.checkOrganizations(ctx, c.Workspace, func(int) string { return "" }, c); err != nil {
			return c, false, err
		}
		_, err := s.contacts.InsertOne(ctx, doc)
		if mongo.IsDuplicateKeyError(err) && key.Key != "" && strings.Contains(err.Error(), idempotencyKey) {
			// Another one with this key was faster. Its write may not be acknowledged by a majority
			// yet, or be deleted by now, so this goes on until one of the two is seen, or ctx ends.
			if err := pause(ctx, 5*time.Millisecond); err != nil {
				return c, false, err
			}
			continue
		}
		if err != nil {
			return c, false, err
		}
		stored, err := Decode(doc)
		return stored, true, err
	}
}

func (s *Store) createdBefore(ctx context.Context, workspace string, key grapevine.Idempotency) (c grapevine.Contact, found bool, err error) {
	if key.Key == "" {
		return c, false, nil
	}
	raw, err := s.contacts.FindOne(ctx, bson.D{{Key: "_meta.key", Value: storedKey(workspace, key)}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	if fingerprint, _ := raw.Lookup("_meta", "fingerprint").StringValueOK(); fingerprint != key.Fingerprint {
		return c, false, &grapevine.Error{Code: grapevine.Invalid, Message: "this Idempotency-Key was used before with another request"}
	}
	c, err = Decode(raw)
	return c, true, err
}

// checkOrganizations says which contacts refer to something that is not an organization of the
// workspace. prefix is what stands before "/organizationId" in the pointer of the i-th.
func (s *Store) checkOrganizations(ctx context.Context, workspace string, prefix func(i int) string, cs ...grapevine.Contact) error {
	wanted := map[string]bool{}
	ids := bson.A{}
	for _, c := range cs {
		if c.OrganizationID != "" && !wanted[c.OrganizationID] {
			oid, err := objectID(c.OrganizationID)
			if err != nil {
				return err
			}
			wanted[c.OrganizationID] = true
			ids = append(ids, oid)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	cursor, err := s.contacts.Find(ctx, bson.D{
		{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}},
		{Key: "workspace", Value: workspace},
		{Key: "kind", Value: string(grapevine.Organization)},
	})
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		delete(wanted, cursor.Current.Lookup("_id").ObjectID().Hex())
	}
	if err := cursor.Err(); err != nil {
		return err
	}
	var bad []grapevine.FieldError
	for i, c := range cs {
		if wanted[c.OrganizationID] {
			bad = append(bad, grapevine.FieldError{Pointer: prefix(i) + "/organizationId", Detail: "is not an organization of this workspace"})
		}
	}
	if len(bad) > 0 {
		return &grapevine.Error{Code: grapevine.Invalid, Message: "the contact has fields that are not acceptable", Fields: bad}
	}
	return nil
}

// CreateMany stores up to [MaxCreateMany] new contacts of one workspace, all or none. An Invalid error
// names the fields with the contact's place in front, such as /3/email. The position is the end of
// its time, because events of one transaction share theirs. It may take six times [Config.Timeout].
func (s *Store) CreateMany(ctx context.Context, cs []grapevine.Contact) (n int, at grapevine.Position, err error) {
	if len(cs) == 0 {
		at, err = s.Ping(ctx)
		return 0, at.End(), err
	}
	if len(cs) > MaxCreateMany {
		return 0, at, &grapevine.Error{Code: grapevine.TooLarge, Message: fmt.Sprintf("not more than %d contacts at once", MaxCreateMany)}
	}
	docs := make([]any, 0, len(cs))
	normal := make([]grapevine.Contact, 0, len(cs))
	var bad []grapevine.FieldError
	now := time.Now()
	for i, c := range cs {
		c.ID, c.CreatedAt = "", grapevine.Time{}
		if err := c.Validate(); err != nil {
			bad = append(bad, under(i, err)...)
			continue
		}
		if c.Workspace != cs[0].Workspace {
			bad = append(bad, grapevine.FieldError{Pointer: place(i) + "/workspace", Detail: "must be that of the first contact"})
			continue
		}
		stamp(&c, now)
		normal = append(normal, c)
		docs = append(docs, document(c, bson.NewObjectID(), grapevine.Idempotency{}))
	}
	if len(bad) > 0 {
		return 0, at, &grapevine.Error{Code: grapevine.Invalid, Message: "some contacts have fields that are not acceptable", Fields: bad}
	}
	wide := *s
	wide.timeout = 6 * s.timeout
	err = wide.call(ctx, "create contacts", func(ctx context.Context) error {
		at, err = wide.transact(ctx, func(ctx context.Context) error {
			if err := wide.checkOrganizations(ctx, cs[0].Workspace, place, normal...); err != nil {
				return err
			}
			_, err := wide.contacts.InsertMany(ctx, docs)
			return err
		})
		return err
	})
	if err != nil {
		return 0, grapevine.Position{}, err
	}
	return len(docs), at.End(), nil
}

func place(i int) string { return "/" + strconv.Itoa(i) }

func under(i int, err error) (bad []grapevine.FieldError) {
	e, ok := errors.AsType[*grapevine.Error](err)
	if !ok {
		return []grapevine.FieldError{{Pointer: place(i), Detail: err.Error()}}
	}
	for _, f := range e.Fields {
		bad = append(bad, grapevine.FieldError{Pointer: place(i) + f.Pointer, Detail: f.Detail})
	}
	return bad
}
