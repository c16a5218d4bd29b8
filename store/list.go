package store

import (
	"context"

	"grapevine"
)

// List is one page of a workspace's contacts, or of a search when q.Text is set, as they are at or
// after a position.
func (s *Store) List(ctx context.Context, q grapevine.Query, after grapevine.Position) (page grapevine.Page, err error) {
	_ = ctx
	_ = q
	_ = after
	return page, nil
}

// Stats counts a workspace's contacts by company, tag or month.
func (s *Store) Stats(ctx context.Context, workspace string, stat grapevine.Stat, after grapevine.Position) (counts []grapevine.Count, err error) {
	_, _, _, _ = ctx, workspace, stat, after
	return counts, nil
}
