package events

import (
	"context"
	"slices"
	"time"

	"grapevine"
)

// namesTimeout bounds the question for names. Frames without names are better than late ones.
const namesTimeout = 200 * time.Millisecond

// maxAuthorName bounds a name in a frame, in bytes. A direct edit can store any.
const maxAuthorName = 400

// authorNames are the names of authors at present.
type authorNames map[grapevine.Author]string

// namesOf asks for the names of those who wrote the changes.
func (l *Log) namesOf(ctx context.Context, changes []grapevine.Change) authorNames {
	if l.cfg.Names == nil {
		return nil
	}
	var authors []grapevine.Author
	for i := range changes {
		if by := changes[i].By; by.ID != "" && !slices.Contains(authors, by) {
			authors = append(authors, by)
		}
	}
	if len(authors) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, namesTimeout)
	defer cancel()
	return l.cfg.Names(ctx, authors)
}

// authorOf is the author of a change as frames tell it; nil if it is not known.
func (n authorNames) authorOf(c *grapevine.Change) *grapevine.Author {
	if c.By.Kind == "" {
		return nil
	}
	by := c.By
	by.Name = grapevine.CutText(n[c.By], maxAuthorName)
	return &by
}
