// Package api turns HTTP into calls and errors into status codes.
//
// routes.go lists every route; a route's handler is in the file named after what it is about. What
// every request meets first is in guard.go and limit.go, what every answer says about time in
// reads.go, and how errors look in problem.go. openapi.json describes all of it and is kept by hand;
// a test holds it to what the routes really do.
package api

import (
	"context"

	"grapevine"
)

// Reader reads contacts, causally after the given position (zero means any majority-committed state).
type Reader interface {
	// Get fails with NotFound also for a contact of another workspace.
	Get(ctx context.Context, workspace, id string, after grapevine.Position) (grapevine.Contact, error)
	// List is one page of a list, or of a search when q.Text is set.
	List(ctx context.Context, q grapevine.Query, after grapevine.Position) (grapevine.Page, error)
	Stats(ctx context.Context, workspace string, stat grapevine.Stat, after grapevine.Position) ([]grapevine.Count, error)
}

// Writer writes one contact. ifMatch nil means unconditional, "*" any.
type Writer interface {
	// Create reports false, and the first one's contact, for a repeat of the same key.
	Create(ctx context.Context, c grapevine.Contact, key grapevine.Idempotency) (grapevine.Contact, grapevine.Position, bool, error)
	// Update may call edit more than once.
	Update(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error)
	// Replace is Update for an edit that makes the contact anew: it also does away with what is stored in
	// its fields and is not shown, being of a wrong type.
	Replace(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error)
	Delete(ctx context.Context, workspace, id string, ifMatch []string) (grapevine.Position, error)
}

// Importer writes all of many contacts, or none of them.
type Importer interface {
	// An Invalid error's pointers begin with the place of the contact in cs, such as /3/email.
	CreateMany(ctx context.Context, cs []grapevine.Contact) (n int, at grapevine.Position, err error)
}

// Pinger tells MongoDB's time, as the position of its newest operation.
type Pinger interface {
	Ping(ctx context.Context) (grapevine.Position, error)
}

// Contacts is where contacts are kept.
type Contacts interface {
	Reader
	Writer
	Importer
	Pinger
}

// Cache answers a read from memory, or calls load and keeps what it returns. status is the parameter
// of Cache-Status: "hit", "fwd=miss; stored", "fwd=miss" or "fwd=bypass". An error of load comes back
// as it is. value is shared and must not be changed.
type Cache interface {
	Fetch(ctx context.Context, scope, field string, load func(ctx context.Context, after grapevine.Position) ([]byte, error)) (value []byte, status string, err error)
}

// Watermark is how far this instance has followed the events: whatever is at or before it has been
// forgotten by the cache. Zero means unknown.
type Watermark interface {
	Watermark() grapevine.Position
	// WaitFor returns nil once the watermark is at or past p.
	WaitFor(ctx context.Context, p grapevine.Position) error
}
