package ws

import (
	"context"
	"errors"
	"fmt"
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
	var streams *redis.XStreamSliceCmd
	var oldest *redis.XMessageSliceCmd
	// In one go and in this order: an oldest entry read before the range proves nothing about it.
	_, err := h.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		streams = p.XRead(ctx, &redis.XReadArgs{
			Streams: []string{h.history.events, h.history.signals, from.String(), f.cursor},
			Count:   followBatch, Block: followBlock,
		})
		oldest = p.XRangeN(ctx, h.history.events, "-", "+", 1)
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return h.notSignals(ctx, err)
	}
	for _, s := range streams.Val() {
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
		if err := h.checkAhead(ctx, entries[len(entries)-1].at); err != nil {
			return err
		}
		h.checkHole(from, entries[0], oldest.Val())
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
	if err := h.checkAhead(ctx, last); err != nil {
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

// checkHole looks whether the history still reaches back to from. Trimming, by age or by hand, may have
// overtaken an instance that was stopped or is behind; XREAD says nothing. A resync as the first entry
// says it already.
func (h *Hub) checkHole(from grapevine.Position, first *entry, found []redis.XMessage) {
	if from.IsZero() || first.resync != nil {
		return
	}
	if len(found) > 0 {
		if oldest, err := grapevine.ParsePosition(found[0].ID); err == nil && !from.Before(oldest) {
			return
		}
	}
	at := previous(first.at)
	h.log.Warn("the history was trimmed before it was followed", "followed", from, "goes on at", first.at)
	h.mu.Lock()
	h.tail.reset(at)
	h.mu.Unlock()
	h.resyncAll(at, "this instance was behind the history it follows")
}

// ahead is how far past MongoDB's time as we know it an entry may be before MongoDB is asked.
const ahead = 10 * time.Second

// checkAhead refuses a position past MongoDB's time: somebody wrote into the stream by hand. Followed, it
// would pass for a watermark that no write can be ahead of. The watcher begins the history anew when its
// own entries are refused behind it.
func (h *Hub) checkAhead(ctx context.Context, at grapevine.Position) error {
	if h.cfg.Clock == nil || h.cfg.Ping == nil {
		return nil
	}
	if now, ok := h.cfg.Clock.Now(); !ok || at.Wall().Before(now.Add(ahead)) {
		return nil
	}
	now, err := h.cfg.Ping(ctx) // this process may have slept
	if err != nil {
		return err
	}
	if now.End().Before(at) {
		return fmt.Errorf("the history has an entry at %s, past MongoDB's time", at)
	}
	return nil
}

// notSignals removes what stands in the place of the signals and is no stream: nothing in them lasts. The
// history's place is the watcher's to mend.
func (h *Hub) notSignals(ctx context.Context, err error) error {
	if redis.HasErrorPrefix(err, "WRONGTYPE") && h.rdb.Type(ctx, h.history.signals).Val() != "stream" {
		return errors.Join(err, h.rdb.Unlink(ctx, h.history.signals).Err())
	}
	return err
}
