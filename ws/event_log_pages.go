package ws

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"grapevine"
	"grapevine/events"
)

const (
	pageEntries = 256
	maxPages    = 32 // kept in memory
	maxPageRead = 4  // reads at the same time
	pageTimeout = 3 * time.Second
)

// eventLogPages reads parts of the event log that are older than [recentEntries]. A page that one socket needed serves
// the others at the same position, and few reads run at once: many clients that come back together must not
// overload Redis.
type eventLogPages struct {
	reader   *events.LogReader
	maxBytes int
	slots    chan struct{}
	flight   singleflight.Group

	mu     sync.Mutex
	pages  []page // newest last
	resets int    // number of resets; a page whose read began before a reset is not kept
}

// page is a complete part of the log: everything in (from, to].
type page struct {
	from, to grapevine.Position
	entries  []*entry
	size     int
}

func newEventLogPages(reader *events.LogReader, maxBytes int) *eventLogPages {
	return &eventLogPages{reader: reader, maxBytes: maxBytes, slots: make(chan struct{}, maxPageRead)}
}

// after returns the next entries after p, at least one if there is one, within budget as [recentEntries.after]. The
// error is [events.ErrTrimmed] if an entry after p was trimmed.
func (g *eventLogPages) after(ctx context.Context, p grapevine.Position, budget int) ([]*entry, grapevine.Position, error) {
	found, ok := g.find(p)
	if !ok {
		read := g.flight.DoChan(p.String(), func() (any, error) {
			g.slots <- struct{}{}
			defer func() { <-g.slots }()
			if found, ok := g.find(p); ok {
				return found, nil
			}
			// The read goes on for the other sockets if this one ends.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTimeout)
			defer cancel()
			return g.read(ctx, p)
		})
		select {
		case r := <-read:
			if r.Err != nil {
				return nil, p, r.Err
			}
			found, _ = r.Val.(page)
		case <-ctx.Done():
			return nil, p, ctx.Err()
		}
	}
	entries, to := cutAfter(found.entries, p, budget)
	return entries, to, nil
}

func (g *eventLogPages) find(p grapevine.Position) (page, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, held := range g.pages {
		if !p.Before(held.from) && p.Before(held.to) {
			return held, true
		}
	}
	return page{}, false
}

func (g *eventLogPages) read(ctx context.Context, p grapevine.Position) (page, error) {
	g.mu.Lock()
	resets := g.resets
	g.mu.Unlock()
	found, err := g.reader.After(ctx, p, pageEntries)
	if err != nil || len(found) == 0 {
		return page{}, err
	}
	read := page{from: p, to: found[len(found)-1].Position, entries: newEntries(found)}
	for _, e := range found {
		read.size += e.Size
	}
	g.keep(read, resets)
	return read, nil
}

func (g *eventLogPages) keep(p page, resets int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if resets != g.resets {
		return
	}
	g.pages = append(g.pages, p)
	size := 0
	for i := len(g.pages) - 1; i >= 0; i-- {
		size += g.pages[i].size
		if size > g.maxBytes || len(g.pages)-i > maxPages {
			g.pages = slices.Delete(g.pages, 0, i+1)
			break
		}
	}
}

// reset drops all pages: the end of the log was lost, or the log was started again.
func (g *eventLogPages) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pages = nil
	g.resets++
}
