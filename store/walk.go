package store

import (
	"context"

	"grapevine/internal/mongox"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// walk follows the streams of an order from where the cursor stands and merges them. Filters are
// checked on each contact that is met. Once one stream has given a page, the others are read as far as
// its last contact only: in one that holds nothing the filters let through, such as that of the
// organizations for those of a company, the walk would otherwise go to the end, on every page anew.
func (s *Store) walk(ctx context.Context, at *bson.Timestamp, q grapevine.Query, by order, from *cursor) ([]row, *cursor, error) {
	next := cursor{plan: walking, positions: make([]position, len(by.streams))}
	if from != nil {
		lengths := make([]int, len(by.streams))
		for i, st := range by.streams {
			lengths[i] = len(st.keys)
		}
		if err := s.resolve(ctx, at, from, by, lengths); err != nil {
			return nil, nil, err
		}
		if err := from.fits(lengths...); err != nil {
			return nil, nil, err
		}
		copy(next.positions, from.positions)
	}
	heads := make([][]row, len(by.streams))
	ended, cutOff := make([]bool, len(by.streams)), make([]bool, len(by.streams))
	full := -1
	for i, st := range by.streams {
		if full >= 0 && st.comesAfter(by.streams[full], q.Sort.Descending()) {
			continue
		}
		var to position
		if full >= 0 && st.aligned(by.streams[full]) {
			to = heads[full][q.Limit].at.end(q.Sort.Descending())
		}
		filter, options := st.find(q, by, next.positions[i], to)
		docs, more, err := s.readUpTo(ctx, at, maxPageRead, findCommand(filter, options...))
		if (to != nil || st.none) && mongox.HasCode(err, codeEmptyRange) {
			continue // it stands there already
		}
		if err != nil {
			return nil, nil, err
		}
		for _, doc := range docs {
			heads[i] = append(heads[i], row{doc: doc, stream: i, at: st.positionOf(doc)})
		}
		cutOff[i] = more && len(docs) <= q.Limit
		switch {
		case len(docs) > q.Limit && full < 0:
			full = i
		case cutOff[i]:
		case len(docs) == 0 && to != nil:
			if to.size() <= maxPositionBytes {
				next.positions[i] = to
			}
		case len(docs) <= q.Limit:
			ended[i] = st.none && !q.Sort.Descending()
		}
	}
	left := make([]int, len(heads))
	for i := range heads {
		left[i] = len(heads[i])
	}
	rows, more := merge(by.streams, heads, cutOff, q.Sort.Descending(), q.Limit+1)
	n := fitting(q, rows[:min(len(rows), q.Limit)])
	if !more && len(rows) == n {
		return rows, nil, nil
	}
	rows = rows[:n]
	for _, r := range rows {
		next.positions[r.stream] = r.at
		left[r.stream]--
	}
	for i := range heads {
		if ended[i] && left[i] == 0 { // do not look at what the filters exclude there again
			next.positions[i] = position{{Type: bson.TypeMaxKey}}
		}
		next.positions[i] = next.positions[i].reference()
	}
	return rows, &next, nil
}

// find is the command that reads a page's worth of a stream, after one position and up to another, where
// they are not nil. min and max are keys of the index, so they hold across types, where a comparison in a
// filter sees only values of its own.
func (s stream) find(q grapevine.Query, by order, from, to position) (filter bson.D, options []bson.E) {
	filter = conditions(q)
	// A list in the place of a text would stand at several places at once, so these contacts have a stream of their own.
	var lists bson.A
	for _, field := range by.fields {
		if s.lists {
			lists = append(lists, bson.D{{Key: field, Value: isList()}})
		} else {
			filter = append(filter, bson.E{Key: field, Value: bson.D{{Key: "$not", Value: isList()}}})
		}
	}
	if s.lists {
		filter = append(filter, bson.E{Key: "$and", Value: bson.A{bson.D{{Key: "$or", Value: lists}}}})
	}
	low, high := s.bounds(q.Workspace)
	direction := 1
	descends := q.Sort.Descending()
	if descends {
		direction, from, to = -1, to, from
	}
	if from != nil {
		low = s.at(q.Workspace, from) // min has the bound itself in
	}
	if to != nil {
		high = s.at(q.Workspace, to) // max leaves the bound itself out
	}
	if from != nil && !descends {
		filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$ne", Value: from[len(from)-1]}}})
	}
	sort := bson.D{{Key: "workspace", Value: direction}}
	for _, field := range s.keys {
		sort = append(sort, bson.E{Key: field, Value: direction})
	}
	options = []bson.E{
		{Key: "hint", Value: s.index},
		{Key: "min", Value: low},
		{Key: "max", Value: high},
		{Key: "sort", Value: sort},
		{Key: "limit", Value: q.Limit + 1},
		{Key: "batchSize", Value: q.Limit + 1},
	}
	if by.collated && !s.lists {
		options = append(options, bson.E{Key: "collation", Value: anyCase()})
	}
	return filter, options
}

func isList() bson.D { return bson.D{{Key: "$type", Value: "array"}} }

// resolve replaces the references in a cursor by places.
func (s *Store) resolve(ctx context.Context, at *bson.Timestamp, from *cursor, by order, lengths []int) error {
	for i, p := range from.positions {
		if i >= len(lengths) || !p.isReference(lengths[i]) {
			continue
		}
		keys := bson.D{}
		for _, field := range by.streams[i].keys {
			keys = append(keys, bson.E{Key: field, Value: 1})
		}
		var err error
		from.positions[i], err = s.placed(ctx, at, p, keys, func(doc bson.Raw) (position, error) { return by.streams[i].positionOf(doc), nil })
		if err != nil {
			return err
		}
	}
	return nil
}

// merge takes the first n of several sorted heads. A contact that moved from one stream to another
// between two reads is taken once. It ends where a head ends that was cut off, and reports that there are more.
func merge(streams []stream, heads [][]row, cutOff []bool, descending bool, n int) (rows []row, more bool) {
	c := newComparer()
	seen := map[string]bool{}
	for len(rows) < n {
		best := -1
		for i := range heads {
			if len(heads[i]) == 0 {
				if cutOff[i] {
					return rows, true
				}
				continue
			}
			if best < 0 {
				best = i
				continue
			}
			r := c.compare(streams[i], heads[i][0].at, streams[best], heads[best][0].at)
			if r < 0 && !descending || r > 0 && descending {
				best = i
			}
		}
		if best < 0 {
			return rows, false
		}
		head := heads[best][0]
		heads[best] = heads[best][1:]
		id := head.at[len(head.at)-1]
		if !seen[string(id.Value)] {
			seen[string(id.Value)] = true
			rows = append(rows, head)
		}
	}
	return rows, false
}
