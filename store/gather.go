package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// gather reads fields of the contacts of a selection that fulfil the conditions. ok is false if the selection has more than twice as many as
// it should: its count is old.
func (s *Store) gather(ctx context.Context, at *bson.Timestamp, workspace string, of selection, conditions, fields bson.D) (docs []bson.Raw, ok bool, err error) {
	seen := map[string]bool{}
	for _, part := range of.parts {
		match := append(bson.D{{Key: "workspace", Value: workspace}}, conditions...)
		options := []bson.E{
			{Key: "projection", Value: fields},
			{Key: "limit", Value: 2*s.gatherAtMost + 1},
			{Key: "batchSize", Value: 2*s.gatherAtMost + 1},
		}
		if part.index != "" {
			options = append(options, bson.E{Key: "hint", Value: part.index})
		}
		if part.low != nil {
			options = append(options, bson.E{Key: "min", Value: part.low}, bson.E{Key: "max", Value: part.high})
		} else {
			match = append(match, part.where...)
		}
		found, err := s.find(ctx, at, match, options...)
		if err != nil {
			return nil, false, err
		}
		for _, doc := range found {
			if id := string(doc.Lookup("_id").Value); !seen[id] {
				seen[id] = true
				docs = append(docs, doc)
			}
		}
	}
	if len(docs) > 2*s.gatherAtMost {
		s.counts.forget(workspace + "\x00" + of.name)
		return docs[:2*s.gatherAtMost], false, nil
	}
	return docs, true, nil
}

// fetch reads the whole documents of rows. It leaves out what was deleted meanwhile. cut: it stops where they are too large
// for a page.
func (s *Store) fetch(ctx context.Context, at *bson.Timestamp, workspace string, rows []row) (found []row, cut bool, err error) {
	ids := make(bson.A, len(rows))
	for i, r := range rows {
		ids[i] = r.at.id()
	}
	docs, more, err := s.fetchIDs(ctx, at, workspace, ids)
	for n := len(ids) - 1; err == nil && more && n > 0; n /= 2 {
		docs, more, err = s.fetchIDs(ctx, at, workspace, ids[:n])
		rows, cut = rows[:n], true
	}
	if err != nil {
		return nil, false, err
	}
	byID := make(map[string]bson.Raw, len(docs))
	for _, doc := range docs {
		byID[string(doc.Lookup("_id").Value)] = doc
	}
	for _, r := range rows {
		if doc, ok := byID[string(r.at.id().Value)]; ok {
			r.doc = doc
			found = append(found, r)
		}
	}
	return found, cut, nil
}

func (s *Store) fetchIDs(ctx context.Context, at *bson.Timestamp, workspace string, ids bson.A) (docs []bson.Raw, more bool, err error) {
	return s.readUpTo(ctx, at, maxPageRead, findCommand(bson.D{
		{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}},
		{Key: "workspace", Value: workspace},
	}, bson.E{Key: "batchSize", Value: max(1, len(ids))}))
}

// gathered is the page of sorted rows, which are not read whole yet, and the cursor of the next one.
func (s *Store) gathered(ctx context.Context, at *bson.Timestamp, q grapevine.Query, rows []row, cursorAt func(row) cursor) ([]row, *cursor, error) {
	page := rows[:min(len(rows), q.Limit)]
	found, cut, err := s.fetch(ctx, at, q.Workspace, page)
	if err != nil {
		return nil, nil, err
	}
	n := fitting(found)
	var next cursor
	switch {
	case cut || n < len(found):
		next = cursorAt(found[n-1])
	case len(rows) > len(page):
		next = cursorAt(page[len(page)-1])
	default:
		return found, nil, nil
	}
	return found[:n], &next, nil
}
