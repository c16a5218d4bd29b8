package ws

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrTrimmed says that a part of what was asked for is no longer in the history; the counts that come
// with it are lower bounds.
var ErrTrimmed = errors.New("a part of that time is no longer in the history")

// counts are the events of one workspace.
type counts struct{ created, updated, deleted int64 }

// Count counts the events of a workspace whose second of MongoDB's time lies in [from, to). A contact
// that moves counts as deleted where it left and created where it came to. With [ErrTrimmed] the
// counts are lower bounds.
func (h *History) Count(ctx context.Context, workspace string, from, to time.Time) (created, updated, deleted int64, err error) {
	all, whole, err := h.countAll(ctx, from, to)
	if err != nil {
		return 0, 0, 0, err
	}
	c := all[workspace]
	if !whole {
		err = ErrTrimmed
	}
	return c.created, c.updated, c.deleted, err
}

// countAll counts every workspace at once: the digests of one minute, one per workspace, all come
// together, and each would read the same entries.
func (h *History) countAll(ctx context.Context, from, to time.Time) (map[string]counts, bool, error) {
	window := [2]int64{from.Unix(), to.Unix()}
	h.counts.Lock()
	defer h.counts.Unlock()
	if all, ok := h.counts.find(window); ok {
		return all, true, nil
	}
	all := map[string]counts{}
	start, end := second(from), "("+second(to)
	for {
		found, err := h.rdb.XRangeN(ctx, h.events, start, end, 1000).Result()
		if err != nil {
			return nil, false, err
		}
		for _, m := range found {
			to, _ := m.Values["to"].(string)
			tally(all, to)
		}
		if len(found) < 1000 {
			break
		}
		start = "(" + found[len(found)-1].ID
	}
	oldest, err := oldestID(ctx, h.rdb, h.events)
	if err != nil {
		return nil, false, err
	}
	if oldest.IsZero() || oldest.Time > uint64(from.Unix())<<32 {
		return all, false, nil
	}
	newest, err := h.rdb.XRevRangeN(ctx, h.events, "+", second(to), 1).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, false, err
	}
	if len(newest) > 0 { // nothing more can come into this window
		h.counts.keep(window, all)
	}
	return all, true, nil
}

func tally(all map[string]counts, to string) {
	for line := range strings.Lines(to) {
		room := strings.TrimSuffix(line, "\n")
		ws, ok := strings.CutPrefix(room[min(1, len(room)):], "workspace:")
		if !ok {
			continue
		}
		c := all[ws]
		switch verdict(room[0]) {
		case entered:
			c.created++
		case stayed:
			c.updated++
		case removed, left:
			c.deleted++
		}
		all[ws] = c
	}
}

// countCache keeps the newest few finished windows.
type countCache struct {
	sync.Mutex
	windows [4]struct {
		window [2]int64
		all    map[string]counts
	}
	next int
}

func (c *countCache) find(window [2]int64) (map[string]counts, bool) {
	for _, w := range c.windows {
		if w.all != nil && w.window == window {
			return w.all, true
		}
	}
	return nil, false
}

func (c *countCache) keep(window [2]int64, all map[string]counts) {
	c.windows[c.next].window, c.windows[c.next].all = window, all
	c.next = (c.next + 1) % len(c.windows)
}
