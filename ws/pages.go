package ws

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"grapevine"
)

// errHole says that the history no longer holds everything after a position.
var errHole = errors.New("the history no longer reaches back that far")

// pages reads old parts of the history for those who were away longer than the tail reaches. What one
// has read serves the others who are at the same place, and few ask Redis at once: a herd that comes
// back together must not melt it.
type pages struct {
	rdb      *redis.Client
	key      string
	maxBytes int
	slots    chan struct{}
	flight   singleflight.Group
	oldest   newest // of the reads of the oldest id

	mu     sync.Mutex
	recent []page // newest last
	epoch  int    // counts calls of forget: what was read before one is not kept after it
}

// page is a whole stretch of the history: everything in (from, to].
type page struct {
	from, to grapevine.Position
	entries  []*entry
	size     int
}

const (
	pageEntries = 256
	maxPages    = 32
	pageTimeout = 3 * time.Second
)

func newPages(rdb *redis.Client, key string, maxBytes int) *pages {
	return &pages{rdb: rdb, key: key, maxBytes: maxBytes, slots: make(chan struct{}, 4)}
}

// after is the next entries after p, at least one if there is one, within budget as [tail.after].
// errHole: something after p was trimmed.
func (g *pages) after(ctx context.Context, p grapevine.Position, budget int) ([]*entry, grapevine.Position, error) {
	found, ok := g.find(p)
	if !ok {
		ch := g.flight.DoChan(p.String(), func() (any, error) {
			g.slots <- struct{}{}
			defer func() { <-g.slots }()
			if found, ok := g.find(p); ok {
				return found, nil
			}
			// One asker's leaving must not fail the others.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTimeout)
			defer cancel()
			return g.read(ctx, p)
		})
		select {
		case r := <-ch:
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

func (g *pages) find(p grapevine.Position) (page, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, have := range g.recent {
		if !p.Before(have.from) && p.Before(have.to) {
			return have, true
		}
	}
	return page{}, false
}

func (g *pages) read(ctx context.Context, p grapevine.Position) (page, error) {
	g.mu.Lock()
	epoch := g.epoch
	g.mu.Unlock()
	var got, first *redis.XMessageSliceCmd
	// In one go and in this order: an oldest entry read before the range proves nothing about it.
	if _, err := g.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		got = pipe.XRangeN(ctx, g.key, "("+p.String(), "+", pageEntries)
		first = pipe.XRangeN(ctx, g.key, "-", "+", 1)
		return nil
	}); err != nil {
		return page{}, err
	}
	if len(first.Val()) == 0 {
		return page{}, errHole
	}
	if oldest, err := grapevine.ParsePosition(first.Val()[0].ID); err != nil || p.Before(oldest) {
		return page{}, errHole
	}
	read := page{from: p, to: p}
	for _, m := range got.Val() {
		e := parseEntry(m)
		read.entries = append(read.entries, e)
		read.to = e.at
		read.size += e.size
	}
	if len(read.entries) > 0 {
		g.keep(read, epoch)
	}
	return read, nil
}

func (g *pages) keep(p page, epoch int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if epoch != g.epoch {
		return
	}
	g.recent = append(g.recent, p)
	size := 0
	for i := len(g.recent) - 1; i >= 0; i-- {
		size += g.recent[i].size
		if size > g.maxBytes || len(g.recent)-i > maxPages {
			g.recent = slices.Delete(g.recent, 0, i+1)
			break
		}
	}
}

// forget drops everything: history was rolled back or began anew.
func (g *pages) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.recent = nil
	g.epoch++
}

// reaches reports whether everything after p is still there.
func (g *pages) reaches(ctx context.Context, p grapevine.Position) (bool, error) {
	oldest, err := g.oldest.get(ctx, func() (grapevine.Position, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTimeout)
		defer cancel()
		return oldestID(ctx, g.rdb, g.key)
	})
	return err == nil && !oldest.IsZero() && !p.Before(oldest), err
}
