package store

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// row is one contact found, where it stands, and what it scored.
type row struct {
	doc    bson.Raw
	stream int
	at     position
	score  float64
}

// List is one page of a workspace's contacts, or of a search when q.Text is set, as they are at or
// after a position. A limit of 0 means grapevine.DefaultLimit. A page may hold fewer than the limit and
// still have a next one, where a document stored past the validator could not be shown, or where contacts are so large
// that the page would be. Contacts above grapevine.MaxContactJSON are shortened, unless q.Whole is set.
func (s *Store) List(ctx context.Context, q grapevine.Query, after grapevine.Position) (page grapevine.Page, err error) {
	if q.Sort == "" {
		q.Sort = grapevine.ByName
	}
	if q.Limit <= 0 {
		q.Limit = grapevine.DefaultLimit
	}
	q.Limit = min(q.Limit, grapevine.MaxLimit)
	if err := checkText(q); err != nil {
		return page, err
	}
	if q.Text != "" {
		q.Sort = ""
	}
	var from *cursor
	if q.After != "" {
		c, err := decodeCursor(q)
		if err != nil {
			return page, err
		}
		from = &c
	}
	err = s.withTimeout(ctx, s.timeout, "list contacts", func(ctx context.Context) error {
		at, err := s.causal(ctx, after)
		if err != nil {
			return err
		}
		rows, next, err := s.rows(ctx, at, q, from)
		if err != nil {
			if _, ok := errors.AsType[mongo.CommandError](err); ok && from != nil && !unavailable(err) && !indexMissing(err) {
				return badCursor(err) // values no page of ours ended with
			}
			return err
		}
		page, err = s.page(ctx, at, q, rows)
		if err != nil || next == nil {
			return err
		}
		text, err := next.encode(q)
		page.Next = &text
		return err
	})
	return page, err
}

// rows are the contacts of a page, and the cursor of the next one if there is one.
func (s *Store) rows(ctx context.Context, at *bson.Timestamp, q grapevine.Query, from *cursor) ([]row, *cursor, error) {
	if q.Text != "" {
		return s.search(ctx, at, q, from)
	}
	by, ok := orderOf(q)
	if !ok {
		return nil, nil, &grapevine.Error{Code: grapevine.BadRequest, Message: fmt.Sprintf("sort %.40q is not one of name, createdAt, updatedAt, company, each with - for descending", string(q.Sort))}
	}
	switch {
	case from == nil && len(conditions(q)) > 0:
		return s.filtered(ctx, at, q, by)
	case from != nil && from.plan != walking:
		ids, few, err := s.few(ctx, at, q, gatherRather)
		if err != nil {
			return nil, nil, err
		}
		if !few { // it was on the page before
			return s.gather(ctx, at, q, by, bson.E{Key: "workspace", Value: q.Workspace}, from)
		}
		return s.gather(ctx, at, q, by, among(ids), from)
	}
	return s.walk(ctx, at, q, by, from)
}

// filtered is the first page of a list with filters: gathered if one of them leaves few, else walked.
func (s *Store) filtered(ctx context.Context, at *bson.Timestamp, q grapevine.Query, by order) ([]row, *cursor, error) {
	ids, few, err := s.few(ctx, at, q, s.gatherAtMost)
	if err != nil {
		return nil, nil, err
	}
	if few {
		return s.gather(ctx, at, q, by, among(ids), nil)
	}
	brief, cancel := context.WithTimeout(ctx, s.walkFor)
	defer cancel()
	rows, next, err := s.walk(brief, at, q, by, nil)
	if err == nil || !unavailable(err) || ctx.Err() != nil {
		return rows, next, err
	}
	if ids, few, err = s.few(ctx, at, q, gatherRather); err != nil {
		return nil, nil, err
	}
	if few {
		return s.gather(ctx, at, q, by, among(ids), nil)
	}
	return s.walk(ctx, at, q, by, nil)
}

func among(ids bson.A) bson.E { return bson.E{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}} }

// page turns rows into what is shown.
func (s *Store) page(ctx context.Context, at *bson.Timestamp, q grapevine.Query, rows []row) (grapevine.Page, error) {
	page := grapevine.Page{Items: make([]grapevine.ListItem, 0, len(rows))}
	for _, r := range rows {
		c, err := Decode(r.doc)
		// A collation takes "Default" for "default"; a workspace is not to see what is of another.
		if err != nil || c.Workspace != q.Workspace {
			continue
		}
		item := grapevine.ListItem{Contact: c, Score: r.score}
		if !q.Whole && len(r.doc) > maxEstimated {
			item.Truncated = item.Shorten(grapevine.MaxContactJSON)
		}
		page.Items = append(page.Items, item)
	}
	if !q.Expand {
		return page, nil
	}
	return page, s.expand(ctx, at, q.Workspace, page.Items)
}

// expand populates the references to organizations. One that points nowhere is shown as null.
func (s *Store) expand(ctx context.Context, at *bson.Timestamp, workspace string, items []grapevine.ListItem) error {
	ids := bson.A{}
	found := map[string]*grapevine.Contact{}
	for _, item := range items {
		oid, err := bson.ObjectIDFromHex(item.OrganizationID)
		if _, asked := found[item.OrganizationID]; err != nil || asked {
			continue
		}
		found[item.OrganizationID] = nil
		ids = append(ids, oid)
	}
	if len(ids) == 0 {
		return nil
	}
	docs, err := s.find(ctx, at, bson.D{
		{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}},
		{Key: "workspace", Value: workspace},
		{Key: "kind", Value: string(grapevine.Organization)},
	})
	if err != nil {
		return err
	}
	for _, doc := range docs {
		c, err := Decode(doc)
		if err != nil {
			return err
		}
		c.Shorten(maxPageJSON / len(items))
		found[c.ID] = &c
	}
	for i := range items {
		if id := items[i].OrganizationID; id != "" {
			items[i].Organization = &grapevine.ExpandedOrganization{Contact: found[id]}
		}
	}
	return nil
}
