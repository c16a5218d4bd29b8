package store

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"grapevine"
)

// everyID is the index of all ids, which MongoDB always has.
const everyID = "_id_"

// canSort reports whether the contacts are so few that MongoDB may sort or check all of them for one page. It reads a figure of
// the node itself, because MongoDB refuses majority reads for moments while indexes are made.
func (s *Store) canSort(ctx context.Context) bool {
	n, err := s.db.Collection(grapevine.CollectionContacts, options.Collection().SetReadConcern(readconcern.Local())).EstimatedDocumentCount(ctx)
	return err == nil && n <= int64(2*s.gatherAtMost)
}

// listByID reads what a list has after a cursor, in the order of ids. It is for a list whose index is missing.
func (s *Store) listByID(ctx context.Context, at *bson.Timestamp, q grapevine.Query, o order, from cursor) ([]row, *cursor, error) {
	begin := row{part: from.Part, at: from.At}
	compare := func(a, b row) int { return comparePlaces(a, b, o.descending) }
	rows, next, err := s.walkByID(ctx, at, q, from, filtersOf(q).checks(), o.projection(), func(doc bson.Raw) (row, bool) {
		r, ok := o.row(doc)
		place := compare(r, begin)
		return r, ok && (place > 0 || place == 0 && len(from.At) == 0)
	})
	slices.SortFunc(rows, compare)
	return rows, next, err
}

// searchByID finds what a search has after a cursor, in the order of ids. It is for a search whose index is missing.
func (s *Store) searchByID(ctx context.Context, at *bson.Timestamp, w wordSearch, from cursor) ([]row, *cursor, error) {
	var ranges []wordRange
	if from.Plan == scanning {
		ranges = rangesOf(w.terms[from.Term])
	}
	begin := row{part: from.Part, at: from.At}
	checks := append(w.filters.checks(), checksOf(w.terms)...)
	rows, next, err := s.walkByID(ctx, at, w.query, from, checks, formProjection(), func(doc bson.Raw) (row, bool) {
		form, id := readForm(doc), doc.Lookup("_id")
		match, ok := w.terms.Match(&form)
		r := row{hit: hit{match, form.Name}}
		r.at = r.hit.place(id)
		if from.Plan == scanning {
			part, entry := home(ranges, &form)
			r.part, r.at = part, rangePlace(entry, form.Name, id)
		}
		place := comparePlaces(r, begin, false)
		return r, ok && (place > 0 || place == 0 && len(from.At) == 0)
	})
	slices.SortStableFunc(rows, compareHits)
	return rows, next, err
}

// walkByID reads the contacts for which keep is true, in the order of ids, from where the cursor stands. Pages are short where
// the time is over. The next cursor keeps the place in the order, because what was shown before it is not read again.
func (s *Store) walkByID(ctx context.Context, at *bson.Timestamp, q grapevine.Query, from cursor, checks, fields bson.D, keep func(bson.Raw) (row, bool)) (rows []row, next *cursor, err error) {
	work := newBudget(s.workFor, s.firstChunk)
	cursorAt := func(id position) cursor {
		c := from
		c.ID, c.stopped = id, true
		return c
	}
	after := from.ID
	for {
		docs, last, err := s.readByID(ctx, at, q.Workspace, byID, after, work.size, checks, fields)
		if errors.Is(err, errNoIndex) {
			docs, last, err = s.readByID(ctx, at, q.Workspace, everyID, after, work.size, checks, fields)
		}
		if err != nil {
			return nil, nil, err
		}
		for _, doc := range docs {
			if r, ok := keep(doc); ok {
				rows = append(rows, r)
			}
		}
		after = last
		if after == nil || len(rows) > q.Limit || !work.next() {
			break
		}
	}
	rows, next, err = s.gathered(ctx, at, q, rows, func(r row) cursor { return cursorAt(r.at[len(r.at)-1:]) })
	if err == nil && next == nil && after != nil {
		rest := cursorAt(after)
		next = &rest
	}
	return rows, next, err
}

// readByID reads the contacts among the next n ids of an index that fulfil the conditions. last is the n-th id; nil: there are fewer.
func (s *Store) readByID(ctx context.Context, at *bson.Timestamp, workspace, index string, after position, n int, checks, fields bson.D) (docs []bson.Raw, last position, err error) {
	inWorkspace := bson.D{{Key: "workspace", Value: workspace}}
	counted := idsBetween(after, nil)
	if index == byID { // that of all ids does not know the workspace
		counted = slices.Concat(inWorkspace, counted)
	}
	nth, err := s.find(ctx, at, counted, append(byIDOptions(index, bson.D{{Key: "_id", Value: 1}}),
		bson.E{Key: "skip", Value: n - 1}, bson.E{Key: "limit", Value: 1})...)
	if err != nil {
		return nil, nil, err
	}
	if len(nth) > 0 {
		last = position{nth[0].Lookup("_id")}
	}
	docs, err = s.find(ctx, at, slices.Concat(inWorkspace, idsBetween(after, last), checks), byIDOptions(index, fields)...)
	return docs, last, err
}

// idsBetween are the conditions for ids after one position, up to and with another. An empty position is no bound.
func idsBetween(after, last position) bson.D {
	var bounds bson.D
	if len(after) > 0 {
		bounds = append(bounds, bson.E{Key: "$gt", Value: after.id()})
	}
	if len(last) > 0 {
		bounds = append(bounds, bson.E{Key: "$lte", Value: last.id()})
	}
	if bounds == nil {
		return bson.D{}
	}
	return bson.D{{Key: "_id", Value: bounds}}
}

func byIDOptions(index string, fields bson.D) []bson.E {
	return []bson.E{
		{Key: "hint", Value: index},
		{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}},
		{Key: "projection", Value: fields},
	}
}
