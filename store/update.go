package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Update reads a contact, lets edit change it and writes what differs if the document is still the one
// that was read, so that a direct edit in between counts too; else it begins again. ifMatch are the entity
// tags of which one must be the contact's; nil means any, and so does "*". An edit that changes nothing
// writes nothing, and its position is the time of the read. edit may run more than once; its error is
// returned as it is. The id, the times and the kind of what it returns are not taken over; another kind
// is Invalid.
func (s *Store) Update(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (after grapevine.Contact, at grapevine.Position, err error) {
	return s.update(ctx, workspace, id, ifMatch, edit, func(bson.Raw) []string { return nil })
}

// Replace is [Store.Update] for an edit that makes the contact anew, whatever it was. So no field of it
// keeps a value of a wrong type, stored past the validator, which the edit was not shown.
func (s *Store) Replace(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (after grapevine.Contact, at grapevine.Position, err error) {
	return s.update(ctx, workspace, id, ifMatch, edit, mistyped)
}

// update is Update; also tells which fields of the document are written though the edit left them alone.
func (s *Store) update(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error), also func(bson.Raw) []string) (after grapevine.Contact, at grapevine.Position, err error) {
	oid, err := objectID(id)
	if err != nil {
		return after, at, err
	}
	err = s.call(ctx, "update a contact", func(ctx context.Context) error {
		at, err = s.unlessChanged(ctx, func(ctx context.Context) error {
			raw, before, err := s.forUpdate(ctx, workspace, oid, ifMatch)
			if err != nil {
				return err
			}
			if after, err = s.edited(ctx, before, edit); err != nil {
				return err
			}
			set, unset := difference(before, after, also(raw))
			if len(set)+len(unset) == 0 {
				after = before
				return nil
			}
			after, err = s.write(ctx, raw, after.UpdatedAt.Time, set, unset)
			return err
		})
		return err
	})
	if err != nil {
		return grapevine.Contact{}, grapevine.Position{}, err
	}
	return after, at, nil
}

// errChanged says that the document is not the one that was read any more.
var errChanged = errors.New("the contact was changed meanwhile")

// unlessChanged runs try in a session of its own, and again while its error is errChanged, until ctx
// ends. A transaction would do the same, but one that a killed instance leaves open keeps its contact
// from being changed for a minute.
func (s *Store) unlessChanged(ctx context.Context, try func(context.Context) error) (grapevine.Position, error) {
	return s.within(ctx, func(ctx context.Context) error {
		for wait := time.Millisecond; ; wait = min(2*wait, 64*time.Millisecond) {
			err := try(ctx)
			if !errors.Is(err, errChanged) {
				return err
			}
			if err := pause(ctx, wait); err != nil {
				return err
			}
		}
	})
}

// exactly selects the document while it is, field by field, the one that was read.
func exactly(raw bson.Raw) bson.D {
	return bson.D{
		{Key: "_id", Value: raw.Lookup("_id")},
		{Key: "$expr", Value: bson.D{{Key: "$eq", Value: bson.A{"$$ROOT", bson.D{{Key: "$literal", Value: raw}}}}}},
	}
}

// forUpdate reads a contact and compares its tag.
func (s *Store) forUpdate(ctx context.Context, workspace string, id bson.ObjectID, ifMatch []string) (raw bson.Raw, c grapevine.Contact, err error) {
	raw, err = s.contacts.FindOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: workspace}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, c, notFound(id.Hex())
	}
	if err != nil {
		return nil, c, err
	}
	if c, err = Decode(raw); err != nil {
		return nil, c, err
	}
	if !anyTag(ifMatch) && !slices.Contains(ifMatch, c.ETag) {
		return nil, c, &grapevine.Error{Code: grapevine.PreconditionFailed, Message: "the contact was changed meanwhile: its ETag is " + c.ETag}
	}
	return raw, c, nil
}

func anyTag(ifMatch []string) bool { return ifMatch == nil || slices.Contains(ifMatch, "*") }

// edited is the contact after the edit, valid and with its new times.
func (s *Store) edited(ctx context.Context, before grapevine.Contact, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, error) {
	own := before // the edit may change the lists in place
	own.Tags, own.Addresses = slices.Clone(before.Tags), slices.Clone(before.Addresses)
	after, err := edit(own)
	if err != nil {
		return after, err
	}
	after.ID, after.CreatedAt = before.ID, before.CreatedAt
	if err := after.Validate(); err != nil {
		return after, err
	}
	if before.Kind != "" && after.Kind != before.Kind {
		return after, &grapevine.Error{
			Code: grapevine.Invalid, Message: "a contact's kind does not change",
			Fields: []grapevine.FieldError{{Pointer: "/kind", Detail: "is " + string(before.Kind) + " and stays so"}},
		}
	}
	if after.OrganizationID != before.OrganizationID || after.Workspace != before.Workspace {
		if err := s.checkOrganizations(ctx, after.Workspace, func(int) string { return "" }, after); err != nil {
			return after, err
		}
	}
	stamp(&after, time.Now())
	return after, nil
}

func (s *Store) write(ctx context.Context, raw bson.Raw, now time.Time, set, unset bson.D) (c grapevine.Contact, err error) {
	set = append(set, bson.E{Key: "updatedAt", Value: now})
	if _, ok := raw.Lookup("_meta").DocumentOK(); ok {
		set = append(set, bson.E{Key: "_meta.write", Value: bson.NewObjectID()})
	} else {
		set = append(set, bson.E{Key: "_meta", Value: bson.D{{Key: "write", Value: bson.NewObjectID()}}})
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	stored, err := s.contacts.FindOneAndUpdate(ctx, exactly(raw), update,
		options.FindOneAndUpdate().SetReturnDocument(options.After)).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return c, errChanged
	}
	if err != nil {
		return c, err
	}
	return Decode(stored)
}

// Delete removes a contact. ifMatch is as in [Store.Update].
func (s *Store) Delete(ctx context.Context, workspace, id string, ifMatch []string) (at grapevine.Position, err error) {
	oid, err := objectID(id)
	if err != nil {
		return at, err
	}
	filter := bson.D{{Key: "_id", Value: oid}, {Key: "workspace", Value: workspace}}
	remove := func(ctx context.Context) error {
		result, err := s.contacts.DeleteOne(ctx, filter)
		if err == nil && result.DeletedCount == 0 {
			err = notFound(id)
		}
		return err
	}
	err = s.call(ctx, "delete a contact", func(ctx context.Context) error {
		if anyTag(ifMatch) {
			at, err = s.within(ctx, remove)
			return err
		}
		at, err = s.unlessChanged(ctx, func(ctx context.Context) error {
			raw, _, err := s.forUpdate(ctx, workspace, oid, ifMatch)
			if err != nil {
				return err
			}
			result, err := s.contacts.DeleteOne(ctx, exactly(raw))
			if err == nil && result.DeletedCount == 0 {
				return errChanged
			}
			return err
		})
		return err
	})
	return at, err
}
