package store

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// searchText finds contacts by the words of q.Text, best first, ties by id.
func (s *Store) searchText(ctx context.Context, at *bson.Timestamp, q grapevine.Query, from *cursor) ([]row, *cursor, error) {
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
	}, filtersOf(q).checks()...)
	score := bson.D{{Key: "$multiply", Value: bson.A{-1, bson.D{{Key: "$meta", Value: "textScore"}}}}}
	pipeline := bson.A{
		bson.D{{Key: "$match", Value: match}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "k", Value: bson.D{{Key: "a", Value: score}, {Key: "b", Value: "$_id"}}}, {Key: "d", Value: "$$ROOT"}}}},
	}
	if from != nil {
		if from.Plan != texting || len(from.At) != 2 {
			return nil, nil, badCursor(nil)
		}
		last := bson.D{{Key: "a", Value: from.At[0]}, {Key: "b", Value: from.At[1]}}
		pipeline = append(pipeline, bson.D{{Key: "$match", Value: bson.D{{Key: "$expr", Value: bson.D{
			{Key: "$gt", Value: bson.A{"$k", bson.D{{Key: "$literal", Value: last}}}},
		}}}}})
	}
	pipeline = append(pipeline,
		bson.D{{Key: "$sort", Value: bson.D{{Key: "k", Value: 1}}}},
		bson.D{{Key: "$limit", Value: q.Limit + 1}},
	)
	docs, more, err := s.readUpTo(ctx, at, maxPageRead, aggregateCommand(pipeline))
	if err != nil {
		return nil, nil, err
	}
	rows := make([]row, len(docs))
	for i, doc := range docs {
		contact, _ := doc.Lookup("d").DocumentOK()
		worst, _ := doc.Lookup("k", "a").DoubleOK()
		rows[i] = row{doc: contact, at: position{doc.Lookup("k", "a"), doc.Lookup("k", "b")}, score: -worst}
	}
	cursorOf := func(r row) cursor { return cursor{Plan: texting, At: r.at} }
	var rest *cursor
	if more {
		last := cursorOf(rows[len(rows)-1])
		rest = &last
	}
	return finish(q, rows, rest, cursorOf)
}

// plainWords takes from a search what MongoDB would read as an operator: a hyphen that excludes a
// word, quotes that make a phrase. They separate words in the text as well.
func plainWords(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(`"`, " ", "-", " ", `\`, " ").Replace(text)), " ")
}
