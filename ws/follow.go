package ws

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

const (
	followBatch = 500                    // a contact may take 64 kB
	followBlock = 250 * time.Millisecond // a blocked read does not end with its context
	deliverStep = 64                     // entries between two pokes of the writers
	silence     = 2 * time.Second
)

// follower is where the one loop that reads the history stands.
type follower struct {
	cursor  string // of signals
	heard   time.Time
	checked bool // the cursor has been compared with the history since the last error or silence
}

// follow reads the history and the signals until ctx ends.
func (h *Hub) follow(ctx context.Context) {
	trouble := newStreak(h.log, "the history cannot be followed")
	var f follower
	backoff := 50 * time.Millisecond
	for ctx.Err() == nil {
		err := h.followOnce(ctx, &f)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			trouble.ended()
			backoff = 50 * time.Millisecond
		default:
			trouble.failed(err)
			f.checked = false
			if pause(ctx, backoff/2+rand.N(backoff)) != nil {
				return
			}
			backoff = min(2*backoff, 2*time.Second)
		}
	}
}

// followOnce begins, checks where it stands when that is in doubt, and handles one read.
func (h *Hub) followOnce(ctx context.Context, f *follower) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	if f.cursor == "" {
		return h.begin(ctx, f)
	}
	if !f.checked || time.Since(f.heard) > silence {
		if err := h.checkEnd(ctx); err != nil {
			return err
		}
		f.checked, f.heard = true, time.Now()
	}
	from := h.watermark.load()
	asked := time.Now()
	streams, err := h.rdb.XRead(ctx, &redis.XReadArgs{
		Streams: []string{h.history.events, h.history.signals, from.String(), f.cursor},
		Count:   followBatch, Block: followBlock,
	}).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	for _, s := range streams {
		if len(s.Messages) == 0 {
			continue
		}
		if s.Stream == h.history.signals {
			f.cursor = s.Messages[len(s.Messages)-1].ID
			h.relay(s.Messages)
			continue
		}
		entries := make([]*entry, 0, len(s.Messages))
		for _, m := range s.Messages {
			entries = append(entries, parseEntry(m))
		}
		// Trimming may have overtaken an instance that was stopped or is behind; XREAD says nothing.
		if len(entries) == followBatch || asked.Sub(f.heard) > silence/2 {
			if err := h.checkHole(ctx, from, entries[0]); err != nil {
				return err
			}
		}
		f.heard = time.Now()
		h.deliver(from, entries)
	}
	return nil
}

// begin takes the end of the history for where this instance stands, and fills the tail with what is
// before it.
func (h *Hub) begin(ctx context.Context, f *follower) error {
	signals, err := lastID(ctx, h.rdb, h.history.signals)
	if err != nil {
		return err
	}
	last, err := lastID(ctx, h.rdb, h.history.events)
	if err != nil {
		return err
	}
	var recent []*entry
	size, end := 0, last
	for size < h.cfg.MaxMemory/2 && !end.IsZero() {
		found, err := h.rdb.XRevRangeN(ctx, h.history.events, end.String(), "-", pageEntries).Result()
		if err != nil {
			return err
		}
		for _, m := range found {
			e := parseEntry(m)
			recent = append(recent, e)
			size += e.size
			end = previous(e.at)
		}
		if len(found) < pageEntries {
			break
		}
	}
	slices.Reverse(recent)
	h.mu.Lock()
	h.tail.reset(end)
	h.tail.append(recent)
	h.tail.head = later(h.tail.head, last)
	h.delivered.store(last)
	h.mu.Unlock()
	h.watermark.store(last)
	f.cursor, f.heard, f.checked = signals.String(), time.Now(), true
	close(h.ready)
	h.log.Info("following the history", "position", last, "held", len(recent))
	return nil
}

// checkEnd compares where this instance stands with where the history ends. An end before it means that
// Redis lost its tail or that history began anew.
func (h *Hub) checkEnd(ctx context.Context) error {
	last, err := lastID(ctx, h.rdb, h.history.events)
	if err != nil {
		return err
	}
	if at := h.watermark.load(); last.Before(at) {
		h.log.Warn("the history ends before what was followed", "followed", at, "end", last)
		h.fall(last)
	}
	return nil
}

// checkHole compares the oldest entry, read after the range that begins with first, with from.
func (h *Hub) checkHole(ctx context.Context, from grapevine.Position, first *entry) error {
	oldest, err := oldestID(ctx, h.rdb, h.history.events)
	if err != nil {
		return err
	}
	if from.IsZero() || !from.Before(oldest) {
		return nil
	}
	at := previous(first.at)
	h.log.Warn("the history was trimmed before it was followed", "followed", from, "oldest", oldest)
	h.mu.Lock()
	h.tail.reset(at)
	h.mu.Unlock()
	h.resyncAll(at, "this instance was behind the history it follows")
	return nil
}
