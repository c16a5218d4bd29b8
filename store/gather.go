package store

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// gather reads what one of the filters left, and sorts it.
func (s *Store) gather(ctx context.Context, at *bson.Timestamp, q grapevine.Query, by order, left bson.E, from *cursor) ([]row, *cursor, error) {
	match := append(bson.D{left, {Key: "workspace", Value: q.Workspace}}, conditions(q)...)
	if left.Key == "workspace" {
		match = match[1:]
	}
	var options []bson.E
	if by.collated {
		options = append(options, bson.E{Key: "collation", Value: anyCase()})
	}
	return s.sorted(ctx, at, q, gathering, match, by.key, q.Sort.Descending(), from, options...)
}

// search finds contacts by the words of q.Text, best first, ties by id.
func (s *Store) search(ctx context.Context, at *bson.Timestamp, q grapevine.Query, from *cursor) ([]row, *cursor, error) {
	words := plainWords(q.Text)
	if words == "" {
		return nil, nil, nil
	}
	// MongoDB would use any text index, also one of others over other fields.
	if problem, known := s.indexes.Problem(inText); known {
		return nil, nil, &grapevine.Error{Code: grapevine.Unavailable, Message: problem.Message, RetryAfter: time.Second}
	}
	match := append(bson.D{
		{Key: "$text", Value: bson.D{{Key: "$search", Value: words}}},
		{Key: "workspace", Value: q.Workspace},
	}, conditions(q)...)
	worst := bson.D{{Key: "$multiply", Value: bson.A{-1, bson.D{{Key: "$meta", Value: "textScore"}}}}}
	rows, next, err := s.sorted(ctx, at, q, searching, match, key(worst, "$_id"), false, from)
	for i := range rows {
		worst, _ := rows[i].at[0].DoubleOK()
		rows[i].score = -worst
	}
	return rows, next, err
}

// plainWords takes from a search what MongoDB would read as an operator: a hyphen that excludes a
// word, quotes that make a phrase. They separate words in the text as well.
func plainWords(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(`"`, " ", "-", " ", `\`, " ").Replace(text)), " ")
}

// sorted runs a match and sorts what it leaves by a computed key; the cursor holds that key.
func (s *Store) sorted(ctx context.Context, at *bson.Timestamp, q grapevine.Query, p plan, match, by bson.D, descending bool, from *cursor, options ...bson.E) ([]row, *cursor, error) {
	pipeline := bson.A{
		bson.D{{Key: "$match", Value: match}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "k", Value: by}, {Key: "d", Value: "$$ROOT"}}}},
	}
	direction, beyond := 1, "$gt"
	if descending {
		direction, beyond = -1, "$lt"
	}
	if from != nil {
		if from.plan != p {
			return nil, nil, badCursor(nil)
		}
		if len(from.positions) == 1 && from.positions[0].isReference(len(by)) {
			place, err := s.placed(ctx, at, from.positions[0], bson.D{{Key: "k", Value: by}}, placeOf)
			if err != nil {
				return nil, nil, err
			}
			from.positions[0] = place
		}
		if err := from.fits(len(by)); err != nil {
			return nil, nil, err
		}
		last := bson.D{}
		for i, e := range by {
			if from.positions[0] == nil {
				return nil, nil, badCursor(nil)
			}
			last = append(last, bson.E{Key: e.Key, Value: from.positions[0][i]})
		}
		pipeline = append(pipeline, bson.D{{Key: "$match", Value: bson.D{{Key: "$expr", Value: bson.D{
			{Key: beyond, Value: bson.A{"$k", bson.D{{Key: "$literal", Value: last}}}},
		}}}}})
	}
	pipeline = append(pipeline,
		bson.D{{Key: "$sort", Value: bson.D{{Key: "k", Value: direction}}}},
		bson.D{{Key: "$limit", Value: q.Limit + 1}},
	)
	docs, more, err := s.readUpTo(ctx, at, maxPageRead, aggregateCommand(pipeline, options...))
	if err != nil {
		return nil, nil, err
	}
	rows := make([]row, 0, len(docs))
	for _, doc := range docs {
		contact, _ := doc.Lookup("d").DocumentOK()
		place, err := placeOf(doc)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row{doc: contact, at: place})
	}
	n := fitting(q, rows[:min(len(rows), q.Limit)])
	if !more && len(rows) == n {
		return rows, nil, nil
	}
	rows = rows[:n]
	return rows, &cursor{plan: p, positions: []position{rows[n-1].at.reference()}}, nil
}

// placeOf are the values of the computed key in a document of the pipeline.
func placeOf(doc bson.Raw) (position, error) {
	values, _ := doc.Lookup("k").DocumentOK()
	return values.Values()
}
