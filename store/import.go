package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Limits of the contacts that [Store.FindByKeys] returns.
const (
	maxFoundByKeys      = 5000
	maxFoundByKeysBytes = 16 << 20
)

// FindByKeys returns the contacts of a workspace that have one of the keys, in the order of their ids. complete is false
// if there are more, and then the caller has to ask for fewer keys.
func (s *Store) FindByKeys(ctx context.Context, workspace string, keys grapevine.ContactKeys) (contacts []grapevine.Contact, complete bool, err error) {
	complete = true
	find := func(ctx context.Context, condition bson.E) error {
		filter := bson.D{{Key: "workspace", Value: workspace}, condition}
		// Sorted by MongoDB, the planner might read the whole workspace in the order of ids.
		command := findCommand(filter, bson.E{Key: "limit", Value: maxFoundByKeys})
		docs, more, err := s.readUpTo(ctx, nil, maxFoundByKeysBytes, command)
		complete = complete && !more && len(docs) < maxFoundByKeys
		for _, doc := range docs {
			c, err := Decode(doc)
			if err != nil {
				continue // a direct edit made a document that is no contact
			}
			contacts = append(contacts, c)
		}
		return err
	}
	err = s.withTimeout(ctx, bulkFactor*s.timeout, "look for the contacts of an import", func(ctx context.Context) error {
		for _, class := range []struct {
			field  string
			values bson.A
		}{
			{"uid", texts(keys.UIDs)}, {"_id", objectIDs(keys.UIDs)}, {"emails.value", texts(keys.Emails)}, {"email", texts(keys.Emails)}, {"_form.name", texts(keys.Names)},
		} {
			if len(class.values) == 0 {
				continue
			}
			if err := find(ctx, bson.E{Key: class.field, Value: bson.D{{Key: "$in", Value: class.values}}}); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortStableFunc(contacts, func(a, b grapevine.Contact) int { return strings.Compare(a.ID, b.ID) })
	return contacts, complete, err
}

func texts(list []string) bson.A {
	values := make(bson.A, len(list))
	for i, text := range list {
		values[i] = text
	}
	return values
}

// objectIDs are those of the texts that are ids.
func objectIDs(list []string) (ids bson.A) {
	for _, text := range list {
		if id, err := objectID(text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// AddImported stores new contacts that have their ids and are valid. A contact that an earlier call for the group has stored stays
// as it is. refused says why MongoDB refused a contact, by its place. The position is the last one of the write.
func (s *Store) AddImported(ctx context.Context, imported grapevine.ImportedContacts) (refused map[int]string, at grapevine.Position, err error) {
	docs := make([]any, 0, len(imported.Contacts))
	now := time.Now()
	for _, c := range imported.Contacts {
		id, err := objectID(c.ID)
		if err != nil {
			return nil, at, err
		}
		setTimes(&c, now)
		docs = append(docs, inGroup(s.newDocument(c, id, grapevine.Idempotency{}), imported))
	}
	if len(docs) == 0 {
		return nil, at, nil
	}
	err = s.withTimeout(ctx, bulkFactor*s.timeout, "add imported contacts", func(ctx context.Context) error {
		at, err = s.inSession(ctx, func(ctx context.Context) error {
			_, err := s.contacts.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
			refused, err = refusedDocuments(err)
			return err
		})
		return err
	})
	return refused, at.End(), err
}

// UpdateImported is [Store.Update] for the contact that a row of an import is. group is the import.
func (s *Store) UpdateImported(ctx context.Context, group, workspace, id string, edit func(grapevine.Contact) (grapevine.Contact, error)) (after grapevine.Contact, at grapevine.Position, err error) {
	return s.update(ctx, update{workspace: workspace, id: id, group: group, edit: edit, write: changes, validate: (*grapevine.Contact).ValidateEdit})
}

// inGroup adds the marks of an import to a document.
func inGroup(doc bson.D, imported grapevine.ImportedContacts) bson.D {
	for i := range doc {
		if meta, ok := doc[i].Value.(bson.D); ok && doc[i].Key == "_meta" {
			meta = append(meta, bson.E{Key: "group", Value: imported.Group})
			if imported.Quiet {
				meta = append(meta, bson.E{Key: "quiet", Value: true})
			}
			doc[i].Value = meta
		}
	}
	return doc
}

// refusedDocuments splits the error of an unordered insert: an id that is taken is no error, because ids are made from the import, and
// what MongoDB refuses for a document does not concern the others.
func refusedDocuments(err error) (refused map[int]string, other error) {
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return nil, err
	}
	refused = map[int]string{}
	for _, e := range bulk.WriteErrors {
		one := mongo.BulkWriteException{WriteErrors: []mongo.BulkWriteError{e}}
		if isDuplicateID(one) {
			continue
		}
		refused[e.Index] = firstLine(e.Message)
		if known := refusal(one); known != nil {
			refused[e.Index] = known.Text()
		}
	}
	return refused, nil
}
