package store

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// List is one page of a workspace's contacts, or of a search when q.Words or q.Text is set, as they are at or
// after a position. A limit of 0 means grapevine.DefaultLimit. A page may hold fewer than the limit and
// still have a next one: where a document stored past the validator could not be shown, where contacts are so large
// that the page would be, or where filters let through so few that the next request goes on looking. Contacts above grapevine.MaxContactJSON are shortened.
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
	if q.Text != "" || q.Words != "" {
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
		page.Partial = q.Words != "" && (s.IsForming() || next != nil && next.stopped)
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
func (s *Store) rows(ctx context.Context, at *bson.Timestamp, q grapevine.Query, from *cursor) (rows []row, next *cursor, err error) {
	switch {
	case q.Words != "":
		return s.searchWords(ctx, at, q, from)
	case q.Text != "":
		return s.searchText(ctx, at, q, from)
	}
	p, err := s.planList(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	begin := cursor{Plan: listing}
	if from != nil {
		if err := from.expect(listing, p.order); err != nil {
			return nil, nil, err
		}
		begin = *from
	}
	if len(begin.ID) > 0 {
		return s.listByID(ctx, at, q, p.order, begin)
	}
	rows, next, err = s.listByIndex(ctx, at, q, p, begin)
	if errors.Is(err, errNoIndex) {
		return s.listByID(ctx, at, q, p.order, begin)
	}
	return rows, next, err
}

// listByIndex sorts the contacts that a filter selects, or walks along the order.
func (s *Store) listByIndex(ctx context.Context, at *bson.Timestamp, q grapevine.Query, p listPlan, begin cursor) ([]row, *cursor, error) {
	if p.gather != nil {
		if rows, next, ok, err := s.gatherList(ctx, at, q, p, begin); ok || err != nil {
			return rows, next, err
		}
	}
	return s.walk(ctx, at, q, p, begin)
}

// page turns rows into what is shown.
func (s *Store) page(ctx context.Context, at *bson.Timestamp, q grapevine.Query, rows []row) (grapevine.Page, error) {
	page := grapevine.Page{Items: make([]grapevine.ListItem, 0, len(rows))}
	for _, r := range rows {
		c, err := Decode(r.doc)
		// A list in place of a workspace is none; and an _id may be of another type than ours.
		if err != nil || c.Workspace != q.Workspace {
			continue
		}
		item := grapevine.ListItem{Contact: c, Score: r.score}
		if len(r.doc) > maxEstimated {
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
