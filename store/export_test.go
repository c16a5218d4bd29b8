package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// GatherAtMost sets how many contacts may be read to be sorted or ranked. -1 makes every list a walk along its order.
func (s *Store) GatherAtMost(n int) { s.gatherAtMost = n }

// WorkFor sets how long a request looks, and how many contacts it looks at before it asks the time.
func (s *Store) WorkFor(d time.Duration, firstChunk int) { s.workFor, s.firstChunk = d, firstChunk }

// MaxIndexedTags sets how many different tags are counted along their index.
func (s *Store) MaxIndexedTags(n int) { s.maxIndexedTags = n }

// ExportWindow sets how many contacts one read of an export with filters looks at.
func (s *Store) ExportWindow(n int) { s.exportWindow = n }

// Commands returns the commands of a first page along the order, one for each segment, for explain.
func (s *Store) Commands(ctx context.Context, q grapevine.Query) (commands []bson.D, err error) {
	p, err := s.planList(ctx, q)
	for _, segment := range p.order.segments {
		index := p.index
		if segment.unformed {
			index = byFormName
		}
		commands = append(commands, p.find(segment, index, segment.conditions(nil, nil, p.order.descending)[0], q.Limit+1))
	}
	return commands, err
}

// Pipeline returns the pipeline of a statistic and its index, for explain.
func Pipeline(workspace string, stat grapevine.Stat) (pipeline bson.A, hint string) {
	pipeline, hint, _ = statsPipeline(workspace, stat)
	return pipeline, hint
}

// PlainWords returns the words of a search.
func PlainWords(text string) string { return plainWords(text) }

// CheckCursor returns an error if q.After is not a cursor of q.
func CheckCursor(q grapevine.Query) error {
	_, err := decodeCursor(q)
	return err
}

// CreatedWith returns the filter of the contact that was created with a key.
func CreatedWith(workspace string, key grapevine.Idempotency) bson.D {
	return createdWith(workspace, key)
}

// FormAfter is [Store.Form] with an edit between the read and the write.
func (s *Store) FormAfter(ctx context.Context, ids []string, edit func()) (written int, err error) {
	f := former{store: s}
	for _, id := range ids {
		oid, err := objectID(id)
		if err != nil {
			return 0, err
		}
		raw, err := s.contacts.FindOne(ctx, bson.D{{Key: "_id", Value: oid}}).Raw()
		if err != nil {
			return 0, err
		}
		f.add(raw)
	}
	edit()
	err = f.write(ctx)
	return f.done.Written, err
}

// FormDocument is the derived part of a contact as it is stored.
func FormDocument(c *grapevine.Contact) bson.Raw { return formDocument(c) }
