package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// MaxCreateMany is the largest number of contacts in one call of [Store.CreateMany].
const MaxCreateMany = grapevine.MaxImport

// CreateMany stores up to [MaxCreateMany] new contacts of one workspace, all or none. The pointers of an
// Invalid error begin with the index of the contact, such as /3/email. The position is the last one of the
// transaction's cluster time, because all its events have that time. A call may take six times [Config.Timeout].
func (s *Store) CreateMany(ctx context.Context, contacts []grapevine.Contact) (n int, at grapevine.Position, err error) {
	if len(contacts) == 0 {
		at, err = s.Ping(ctx)
		return 0, at.End(), err
	}
	if len(contacts) > MaxCreateMany {
		return 0, at, &grapevine.Error{Code: grapevine.TooLarge, Message: fmt.Sprintf("not more than %d contacts at once", MaxCreateMany)}
	}
	normalized, err := normalizeAll(contacts)
	if err != nil {
		return 0, at, err
	}
	docs := make([]any, 0, len(normalized))
	for _, c := range normalized {
		docs = append(docs, s.newDocument(c, bson.NewObjectID(), grapevine.Idempotency{}))
	}
	err = s.withTimeout(ctx, bulkFactor*s.timeout, "create contacts", func(ctx context.Context) error {
		at, err = s.transact(ctx, func(ctx context.Context) error {
			missing, err := s.missingOrganizations(ctx, contacts[0].Workspace, normalized)
			if err != nil {
				return err
			}
			if len(missing) > 0 {
				bad := make([]grapevine.FieldError, 0, len(missing))
				for _, i := range missing {
					bad = append(bad, organizationError(contactPointer(i)))
				}
				return invalidContacts(bad)
			}
			_, err = s.contacts.InsertMany(ctx, docs)
			return err
		})
		return err
	})
	if err != nil {
		return 0, grapevine.Position{}, err
	}
	return len(docs), at.End(), nil
}

// normalizeAll returns the contacts validated and with their times, or an error that names every bad field.
func normalizeAll(contacts []grapevine.Contact) ([]grapevine.Contact, error) {
	normalized := make([]grapevine.Contact, 0, len(contacts))
	var bad []grapevine.FieldError
	now := time.Now()
	for i, c := range contacts {
		c.ID, c.CreatedAt = "", grapevine.Time{}
		if err := c.Validate(); err != nil {
			bad = append(bad, fieldErrorsAt(contactPointer(i), err)...)
			continue
		}
		if c.Workspace != contacts[0].Workspace {
			bad = append(bad, grapevine.FieldError{Pointer: contactPointer(i) + "/workspace", Detail: "must be that of the first contact"})
			continue
		}
		setTimes(&c, now)
		normalized = append(normalized, c)
	}
	if len(bad) > 0 {
		return nil, invalidContacts(bad)
	}
	return normalized, nil
}

func invalidContacts(bad []grapevine.FieldError) error {
	return &grapevine.Error{Code: grapevine.Invalid, Message: "some contacts have fields that are not acceptable", Fields: bad}
}

func contactPointer(i int) string { return "/" + strconv.Itoa(i) }

// fieldErrorsAt are the field errors of a contact, with a prefix before their pointers.
func fieldErrorsAt(prefix string, err error) (bad []grapevine.FieldError) {
	e, ok := errors.AsType[*grapevine.Error](err)
	if !ok {
		return []grapevine.FieldError{{Pointer: prefix, Detail: err.Error()}}
	}
	for _, f := range e.Fields {
		bad = append(bad, grapevine.FieldError{Pointer: prefix + f.Pointer, Detail: f.Detail})
	}
	return bad
}

// AddMissing stores contacts with the ids and times that they already have, and skips those whose id is
// taken. Each contact must be valid. A call may take six times [Config.Timeout].
func (s *Store) AddMissing(ctx context.Context, contacts []grapevine.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	docs := make([]any, 0, len(contacts))
	for _, c := range contacts {
		id, err := objectID(c.ID)
		if err != nil {
			return err
		}
		docs = append(docs, s.newDocument(c, id, grapevine.Idempotency{}))
	}
	return s.withTimeout(ctx, bulkFactor*s.timeout, "add contacts", func(ctx context.Context) error {
		_, err := s.contacts.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
		if onlyDuplicates(err) {
			return nil
		}
		return err
	})
}

func onlyDuplicates(err error) bool {
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return false
	}
	for _, e := range bulk.WriteErrors {
		if !e.HasErrorCode(codeDuplicateKey) {
			return false
		}
	}
	return true
}
