// Package api is the HTTP API: it turns requests into calls and errors into status codes.
//
// routes.go lists every route; a handler is in the file named after its subject. Every request first
// passes the checks of request_checks.go and limit.go. reads.go decides between cache and MongoDB and sets the
// Position of answers; problem.go makes the error documents. openapi.json describes all of it. It is
// written by hand, and tests hold it to what the routes do.
package api

import (
	"context"

	"grapevine"
)

// ContactReader reads contacts, causally after the given position. The zero position means any
// majority-committed state.
type ContactReader interface {
	// Get also fails with NotFound if the contact is in another workspace.
	Get(ctx context.Context, workspace, id string, after grapevine.Position) (grapevine.Contact, error)
	// List is one page of a list, or of a search if q.Text is set.
	List(ctx context.Context, q grapevine.Query, after grapevine.Position) (grapevine.Page, error)
	Stats(ctx context.Context, workspace string, stat grapevine.Stat, after grapevine.Position) ([]grapevine.StatCount, error)
}

// Writer writes one contact. ifMatch lists entity tags; nil means unconditional, "*" means any.
type Writer interface {
	// Create reports false and returns the first contact if the key was used before.
	Create(ctx context.Context, c grapevine.Contact, key grapevine.Idempotency) (grapevine.Contact, grapevine.Position, bool, error)
	// Update may call edit more than once.
	Update(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error)
	// Replace is Update for an edit that sets every field. If anything differs, it writes every field.
	Replace(ctx context.Context, workspace, id string, ifMatch []string, edit func(grapevine.Contact) (grapevine.Contact, error)) (grapevine.Contact, grapevine.Position, error)
	Delete(ctx context.Context, workspace, id string, ifMatch []string) (grapevine.Position, error)
}

// Exporter reads all contacts that a query's filters leave.
type Exporter interface {
	StartExport(ctx context.Context, after grapevine.Position) (grapevine.Export, error)
	// ExportPage tries again until ctx ends while MongoDB does not answer.
	ExportPage(ctx context.Context, q grapevine.Query, e *grapevine.Export) ([]grapevine.Contact, error)
}

// Pinger returns MongoDB's time, as the position of its newest operation.
type Pinger interface {
	Ping(ctx context.Context) (grapevine.Position, error)
}

// Contacts reads and writes the contacts in MongoDB.
type Contacts interface {
	ContactReader
	Exporter
	Writer
	Pinger
}

// Cache answers a read from memory, or calls load and stores the result. An error of load is returned unchanged.
// value is shared and must not be changed.
type Cache interface {
	Fetch(ctx context.Context, scope, field string, load func(ctx context.Context, after grapevine.Position) ([]byte, error)) (value []byte, status grapevine.CacheStatus, err error)
}

// WatermarkReader tells how far this instance has followed the events: the cache was invalidated for every
// change up to it. Zero means unknown.
type WatermarkReader interface {
	Watermark() grapevine.Position
	// WaitFor returns nil once the watermark is at or past p.
	WaitFor(ctx context.Context, p grapevine.Position) error
}
