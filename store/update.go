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
	"grapevine/internal/retry"
)

// Wait between two tries of a write that met another writer.
const (
	minConflictWait = 2 * time.Millisecond
	maxConflictWait = 64 * time.Millisecond
)

// Update reads a contact, calls edit, and writes the fields that differ, provided that the stored document
// has not changed since the read. If it has, by an API write or a direct edit, Update starts again.
//
// One of the entity tags in ifMatch must be the contact's; nil or "*" allows any. An edit that changes
// nothing writes nothing, and the position is then the time of the read. edit may run more than once, and its
// error is returned as it is. The id and the times of edit's result are ignored; another kind is Invalid. The fields
// that edit does not change are not judged and stay as they are stored.
func (s *Store) Update(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (after grapevine.Contact, at grapevine.Position, err error) {
	return s.update(ctx, update{workspace: workspace, id: id, ifMatch: ifMatch, edit: edit, write: changes, validate: (*grapevine.Contact).ValidateEdit})
}

// Replace is [Store.Update] for an edit that does not start from the old values. If anything differs, it writes
// every field of the contact, and all are judged.
func (s *Store) Replace(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (after grapevine.Contact, at grapevine.Position, err error) {
	return s.update(ctx, update{
		workspace: workspace, id: id, ifMatch: ifMatch, edit: edit,
		write:    func(_, to *grapevine.Contact) (set, unset bson.D) { return allFields(to) },
		validate: func(after, _ *grapevine.Contact) error { return after.Validate() },
	})
}

type update struct {
	workspace, id string
	group         string // the import that writes; empty: none
	ifMatch       []string
	edit          func(grapevine.Contact) (grapevine.Contact, error)
	write         func(from, to *grapevine.Contact) (set, unset bson.D) // the fields to write if anything differs
	validate      func(after, before *grapevine.Contact) error
}

func (s *Store) update(ctx context.Context, u update) (after grapevine.Contact, at grapevine.Position, err error) {
	oid, err := objectID(u.id)
	if err != nil {
		return after, at, err
	}
	err = s.withTimeout(ctx, s.timeout, "update a contact", func(ctx context.Context) error {
		at, err = s.retryOnConflict(ctx, func(ctx context.Context) error {
			raw, before, err := s.load(ctx, u.workspace, oid, u.ifMatch)
			if err != nil {
				return err
			}
			if after, err = s.applyEdit(ctx, before, u); err != nil {
				return err
			}
			if sameFields(&before, &after) {
				after = before
				return nil
			}
			set, unset := u.write(&before, &after)
			set, unset = foldShorthands(raw, &after, set, unset)
			after, err = s.write(ctx, raw, &after, u.group, set, unset)
			return err
		})
		return err
	})
	if err != nil {
		return grapevine.Contact{}, grapevine.Position{}, err
	}
	return after, at, nil
}

// errConflict says that the stored document changed after it was read.
var errConflict = errors.New("the contact was changed after it was read")

// retryOnConflict runs try in its own session, and again while it fails with errConflict, until ctx ends.
// A transaction would do the same, but MongoDB blocks other writers of the contact for a minute if an
// instance is killed with its transaction open.
func (s *Store) retryOnConflict(ctx context.Context, try func(context.Context) error) (grapevine.Position, error) {
	return s.inSession(ctx, func(ctx context.Context) error {
		backoff := retry.Backoff{First: minConflictWait, Max: maxConflictWait}
		for {
			err := try(ctx)
			if !errors.Is(err, errConflict) {
				return err
			}
			if err := retry.Sleep(ctx, backoff.Next()); err != nil {
				return err
			}
		}
	})
}

// ifUnchanged matches the document if every field still is as it was read.
func ifUnchanged(raw bson.Raw) bson.D {
	return bson.D{
		{Key: "_id", Value: raw.Lookup("_id")},
		{Key: "$expr", Value: bson.D{{Key: "$eq", Value: bson.A{"$$ROOT", bson.D{{Key: "$literal", Value: raw}}}}}},
	}
}

// load reads a contact and compares its entity tag.
func (s *Store) load(ctx context.Context, workspace string, id bson.ObjectID, ifMatch []string) (raw bson.Raw, c grapevine.Contact, err error) {
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
	if ifMatch != nil && !grapevine.ETagMatches(ifMatch, c.ETag) {
		return nil, c, &grapevine.Error{Code: grapevine.PreconditionFailed, Message: "the contact has changed: its ETag is now " + c.ETag}
	}
	return raw, c, nil
}

// isUnconditional reports whether ifMatch allows every entity tag.
func isUnconditional(ifMatch []string) bool { return ifMatch == nil || slices.Contains(ifMatch, "*") }

// applyEdit returns the contact after the edit, validated and with its new times.
func (s *Store) applyEdit(ctx context.Context, before grapevine.Contact, u update) (grapevine.Contact, error) {
	after, err := u.edit(before.Clone()) // the edit may change the lists in place
	if err != nil {
		return after, err
	}
	after.ID, after.CreatedAt = before.ID, before.CreatedAt
	for _, f := range grapevine.ContactFields {
		f.SetAbsent(&after)
	}
	if err := u.validate(&after, &before); err != nil {
		return after, err
	}
	if before.Kind != "" && after.Kind != before.Kind {
		return after, &grapevine.Error{
			Code: grapevine.Invalid, Message: "a contact's kind cannot change",
			Fields: []grapevine.FieldError{{Pointer: "/kind", Detail: "is " + string(before.Kind) + " and cannot change"}},
		}
	}
	if after.OrganizationID != before.OrganizationID || after.Workspace != before.Workspace {
		if err := s.checkOrganization(ctx, after); err != nil {
			return after, err
		}
	}
	setTimes(&after, time.Now())
	return after, nil
}

// write stores the changes that make the stored document the contact after.
func (s *Store) write(ctx context.Context, raw bson.Raw, after *grapevine.Contact, group string, set, unset bson.D) (c grapevine.Contact, err error) {
	set = append(set, bson.E{Key: "updatedAt", Value: after.UpdatedAt.Time}, form(after))
	set, unset = s.markWrite(raw, group, set, unset)
	changes := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		changes = append(changes, bson.E{Key: "$unset", Value: unset})
	}
	stored, err := s.contacts.FindOneAndUpdate(ctx, ifUnchanged(raw), changes,
		options.FindOneAndUpdate().SetReturnDocument(options.After)).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return c, errConflict
	}
	if err != nil {
		return c, err
	}
	return Decode(stored)
}

// foldShorthands moves the shorthands that a direct edit stored into their lists.
func foldShorthands(raw bson.Raw, after *grapevine.Contact, set, unset bson.D) (newSet, newUnset bson.D) {
	for _, f := range grapevine.ContactFields {
		if f.Shorthand == "" {
			continue
		}
		if _, stored := raw.Lookup(f.Shorthand).StringValueOK(); !stored {
			continue
		}
		has := func(d bson.D, name string) bool {
			return slices.ContainsFunc(d, func(e bson.E) bool { return e.Key == name })
		}
		if !has(set, f.Name) && !has(unset, f.Name) {
			set, unset = appendField(f, after, set, unset)
		}
		if !has(unset, f.Shorthand) {
			unset = append(unset, bson.E{Key: f.Shorthand, Value: ""})
		}
	}
	return set, unset
}

// markWrite adds what changes the mark of a document that the API writes. The mark of a copied document names another contact. It
// is replaced as a whole, because the key in it belongs to the other one. A group is the mark of one write: the next one
// sets its own, or removes it.
func (s *Store) markWrite(raw bson.Raw, group string, set, unset bson.D) (newSet, newUnset bson.D) {
	id := raw.Lookup("_id")
	meta, ok := raw.Lookup("_meta").DocumentOK()
	of := meta.Lookup("id")
	if !ok || !of.IsZero() && !of.Equal(id) {
		mark := s.newMeta(id)
		if group != "" {
			mark = append(mark, bson.E{Key: "group", Value: group})
		}
		return append(set, bson.E{Key: "_meta", Value: mark}), unset
	}
	set = append(set, bson.E{Key: "_meta.write", Value: s.newWrite()})
	if of.IsZero() {
		set = append(set, bson.E{Key: "_meta.id", Value: id})
	}
	switch {
	case group != "":
		set = append(set, bson.E{Key: "_meta.group", Value: group})
	case !meta.Lookup("group").IsZero():
		unset = append(unset, bson.E{Key: "_meta.group", Value: ""})
	}
	return set, unset
}
