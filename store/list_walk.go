package store

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// row is one contact found, and where it stands.
type row struct {
	doc   bson.Raw
	part  int      // segment of the order, or range of a search
	at    position // in the part
	hit   hit
	score float64
}

// walk follows the segments of an order from where the cursor stands. A contact that is formed between the read of the formed
// segments and that of the unformed one is in neither, so a page that reaches the unformed one reads the others again.
func (s *Store) walk(ctx context.Context, at *bson.Timestamp, q grapevine.Query, p listPlan, from cursor) ([]row, *cursor, error) {
	work := newBudget(s.workFor, s.firstChunk)
	unformed := slices.IndexFunc(p.order.segments, func(s segment) bool { return s.unformed })
	rows, stopped, reached, err := s.walkSegments(ctx, at, q, p, from, len(p.order.segments), work)
	if err == nil && reached == unformed && from.Part < unformed {
		last := slices.DeleteFunc(rows, func(r row) bool { return r.part < unformed })
		var again *cursor
		rows, again, _, err = s.walkSegments(ctx, at, q, p, from, unformed, work)
		if again != nil || len(rows) > q.Limit {
			last, stopped = nil, again
		}
		for _, r := range last {
			if !slices.ContainsFunc(rows, func(formed row) bool { return formed.doc.Lookup("_id").Equal(r.doc.Lookup("_id")) }) {
				rows = append(rows, r)
			}
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return finish(q, rows, stopped, cursorOf)
}

// walkSegments reads one contact more than a page has, from where the cursor stands to the end of the segments before a
// part. reached is the last segment that it looked at.
func (s *Store) walkSegments(ctx context.Context, at *bson.Timestamp, q grapevine.Query, p listPlan, from cursor, before int, work *budget) (rows []row, stopped *cursor, reached int, err error) {
	after := from.At
	for part := from.Part; part < before; part++ {
		reached = part
		got, place, err := s.walkSegment(ctx, at, p, part, after, q.Limit+1-len(rows), work)
		if err != nil {
			return nil, nil, reached, err
		}
		rows, after = append(rows, got...), nil
		if place != nil {
			return rows, &cursor{Plan: listing, Part: part, At: place}, reached, nil
		}
		if len(rows) > q.Limit {
			break
		}
	}
	return rows, nil, reached, nil
}

// finish cuts a page to its limits. rest is where the contacts after the rows are looked for, nil if there are none.
func finish(q grapevine.Query, rows []row, rest *cursor, cursorOf func(row) cursor) ([]row, *cursor, error) {
	n := fitting(rows[:min(len(rows), q.Limit)])
	if n == len(rows) {
		return rows, rest, nil
	}
	next := cursorOf(rows[n-1])
	return rows[:n], &next, nil
}

// walkSegment reads up to want contacts of a segment, after a position. stopped is where it ended before it had found them,
// because a request looks at a limited number of contacts.
func (s *Store) walkSegment(ctx context.Context, at *bson.Timestamp, p listPlan, part int, after position, want int, work *budget) (rows []row, stopped position, err error) {
	segment := p.order.segments[part]
	index := p.index
	if segment.unformed {
		index = byFormName
	}
	for {
		var pivot position
		if !p.rest.none() {
			if pivot, err = s.pivot(ctx, at, p, segment, index, after, work.size); err != nil {
				return nil, nil, err
			}
		}
		for _, conditions := range segment.conditions(after, pivot, p.order.descending) {
			docs, more, err := s.readUpTo(ctx, at, maxPageRead, p.find(segment, index, conditions, want-len(rows)))
			if err != nil {
				return nil, nil, err
			}
			for _, doc := range docs {
				rows = append(rows, row{doc: doc, part: part, at: segment.place(doc)})
			}
			if len(rows) == want {
				return rows, nil, nil
			}
			if more { // they are large
				return rows, rows[len(rows)-1].at, nil
			}
		}
		if pivot == nil {
			return rows, nil, nil
		}
		if after = pivot; !work.next() {
			return rows, pivot, nil
		}
	}
}

// find is the command for a range of a segment.
func (p listPlan) find(segment segment, index string, conditions bson.D, limit int) bson.D {
	return findCommand(p.match(conditions, true),
		bson.E{Key: "sort", Value: segment.sort(p.order.descending)},
		bson.E{Key: "hint", Value: index},
		bson.E{Key: "limit", Value: limit},
		bson.E{Key: "batchSize", Value: limit},
	)
}

// pivot is the place of the n-th contact of the segment after a position, whatever the other filters say about it. nil: there are
// fewer in each range. It reads index entries only. With it, a find looks at about n contacts.
func (s *Store) pivot(ctx context.Context, at *bson.Timestamp, p listPlan, segment segment, index string, after position, n int) (position, error) {
	for _, conditions := range segment.conditions(after, nil, p.order.descending) {
		keys, err := s.find(ctx, at, p.match(conditions, false),
			bson.E{Key: "sort", Value: segment.sort(p.order.descending)},
			bson.E{Key: "hint", Value: index},
			bson.E{Key: "projection", Value: segment.projection()},
			bson.E{Key: "skip", Value: n - 1},
			bson.E{Key: "limit", Value: 1},
		)
		if err != nil {
			return nil, err
		}
		if len(keys) > 0 {
			return segment.place(keys[0]), nil
		}
	}
	return nil, nil
}

// gatherList reads all contacts that one filter selects, and sorts those that fit all filters. ok is false if they are too many.
func (s *Store) gatherList(ctx context.Context, at *bson.Timestamp, q grapevine.Query, p listPlan, from cursor) (rows []row, next *cursor, ok bool, err error) {
	f := filtersOf(q)
	docs, ok, err := s.gather(ctx, at, q.Workspace, *p.gather, f.checks(), p.order.projection())
	if err != nil || !ok {
		return nil, nil, ok, err
	}
	for _, doc := range docs {
		if r, ok := p.order.row(doc); ok {
			rows = append(rows, r)
		}
	}
	compare := func(a, b row) int { return comparePlaces(a, b, p.order.descending) }
	slices.SortFunc(rows, compare)
	if len(from.At) > 0 {
		begin := row{part: from.Part, at: from.At}
		rows = slices.DeleteFunc(rows, func(r row) bool { return compare(r, begin) <= 0 })
	}
	rows, next, err = s.gathered(ctx, at, q, rows, cursorOf)
	return rows, next, true, err
}

func cursorOf(r row) cursor { return cursor{Plan: listing, Part: r.part, At: r.at} }
