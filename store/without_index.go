package store

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// everyID is the index of all ids, which MongoDB always has.
const everyID = "_id_"

// canSort reports whether the contacts are so few that MongoDB may sort or check all of them for one page.
func (s *Store) canSort(ctx context.Context) bool {
	n, err := s.contacts.EstimatedDocumentCount(ctx)
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
		last, index, err := s.nthID(ctx, at, q.Workspace, after, work.size)
		if err != nil {
			return nil, nil, err
		}
		match := append(append(bson.D{{Key: "workspace", Value: q.Workspace}}, idsBetween(after, last)...), checks...)
		docs, err := s.find(ctx, at, match, byIDOptions(index, fields)...)
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

// nthID is the n-th id after another, and the index in which it was found: that of the workspace, or else that of all ids. nil: there are
// fewer.
func (s *Store) nthID(ctx context.Context, at *bson.Timestamp, workspace string, after position, n int) (last position, index string, err error) {
	find := func(index string, match bson.D) ([]bson.Raw, error) {
		return s.find(ctx, at, append(match, idsBetween(after, nil)...), append(byIDOptions(index, bson.D{{Key: "_id", Value: 1}}),
			bson.E{Key: "skip", Value: n - 1}, bson.E{Key: "limit", Value: 1})...)
	}
	index = byID
	docs, err := find(index, bson.D{{Key: "workspace", Value: workspace}})
	if errors.Is(err, errNoIndex) {
		index = everyID
		docs, err = find(index, bson.D{})
	}
	if err != nil || len(docs) == 0 {
		return nil, index, err
	}
	return position{docs[0].Lookup("_id")}, index, nil
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
		return nil
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
