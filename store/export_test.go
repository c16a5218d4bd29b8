package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// GatherAtMost sets how many matches of a filter may be fetched and sorted. -1 makes every list an ordered scan.
func (s *Store) GatherAtMost(n int) { s.gatherAtMost = n }

// WalkFor sets the time budget of an ordered scan with a filter.
func (s *Store) WalkFor(d time.Duration) { s.walkFor = d }

// MaxIndexedTags sets how many different tags are counted along their index.
func (s *Store) MaxIndexedTags(n int) { s.maxIndexedTags = n }

// Commands returns the commands of a page's index ranges and of a query's filters, for explain.
func Commands(q grapevine.Query) (streams, filters []bson.D) {
	by, _ := orderOf(q)
	for _, st := range by.streams {
		filter, options := st.find(q, by, nil, nil)
		streams = append(streams, append(bson.D{{Key: "find", Value: grapevine.CollectionContacts}, {Key: "filter", Value: filter}}, options...))
	}
	for _, filter := range lookups(q) {
		for _, l := range filter {
			filters = append(filters, append(bson.D{{Key: "find", Value: grapevine.CollectionContacts}, {Key: "filter", Value: l.filter}}, l.options(gatherAtMost)...))
		}
	}
	return streams, filters
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

// Transact runs do in a transaction.
func (s *Store) Transact(ctx context.Context, do func(context.Context) error) (grapevine.Position, error) {
	return s.transact(ctx, do)
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
