package ws

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// trimmer says when the history is looked at: once a second, or sooner after many bytes.
type trimmer struct {
	last    time.Time
	pending atomic.Int64 // bytes appended since
	trouble *streak
}

func (t *trimmer) note(bytes int) { t.pending.Add(int64(bytes)) }

func (t *trimmer) due(maxBytes int64) bool {
	if time.Since(t.last) < time.Second && t.pending.Load() < maxBytes/8 {
		return false
	}
	t.last = time.Now()
	t.pending.Store(0)
	return true
}

// trim cuts the history to its bounds: age by the entries' own time, count, memory. That it fails is
// no error of an append: the next one tries again.
func (h *History) trim(ctx context.Context, newest grapevine.Position) {
	if newest.IsZero() || !h.trimmer.due(h.cfg.MaxBytes) {
		return
	}
	if err := h.cut(ctx, newest); err != nil {
		if ctx.Err() == nil {
			h.trimmer.trouble.failed(err)
		}
		return
	}
	h.trimmer.trouble.ended()
}

func (h *History) cut(ctx context.Context, newest grapevine.Position) error {
	var usage, length *redis.IntCmd
	_, err := h.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		if keep := uint64(h.cfg.Retention / time.Second); uint64(newest.T()) > keep {
			oldest := grapevine.Position{Time: newest.Time - keep<<32}
			p.XTrimMinID(ctx, h.events, oldest.String())
		}
		p.XTrimMaxLen(ctx, h.events, h.cfg.MaxEntries)
		// All nodes are measured: with the default sample a run of small entries hides large ones.
		usage = p.MemoryUsage(ctx, h.events, 0)
		length = p.XLen(ctx, h.events)
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	over := float64(usage.Val()) / float64(h.cfg.MaxBytes)
	if over <= 1 {
		return nil
	}
	keep := int64(float64(length.Val()) / over * 0.9)
	return h.rdb.XTrimMaxLen(ctx, h.events, max(1, keep)).Err()
}

// HistoryStats describes what is kept.
type HistoryStats struct {
	Entries int64              `json:"entries"`
	Bytes   int64              `json:"bytes"` // as MEMORY USAGE counts
	First   grapevine.Position `json:"first"`
	Last    grapevine.Position `json:"last"` // last generated id
}

// Stats asks Redis what is kept; all zero if there is no history.
func (h *History) Stats(ctx context.Context) (HistoryStats, error) {
	usage, err := h.rdb.MemoryUsage(ctx, h.events, 0).Result()
	if errors.Is(err, redis.Nil) {
		return HistoryStats{}, nil
	}
	if err != nil {
		return HistoryStats{}, err
	}
	length, err := h.rdb.XLen(ctx, h.events).Result()
	if err != nil {
		return HistoryStats{}, err
	}
	first, err := oldestID(ctx, h.rdb, h.events)
	if err != nil {
		return HistoryStats{}, err
	}
	last, err := lastID(ctx, h.rdb, h.events)
	return HistoryStats{Entries: length, Bytes: usage, First: first, Last: last}, err
}

// oldestID is the id of the oldest entry, zero if there is none.
func oldestID(ctx context.Context, rdb redis.Cmdable, key string) (grapevine.Position, error) {
	found, err := rdb.XRangeN(ctx, key, "-", "+", 1).Result()
	if err != nil || len(found) == 0 {
		return grapevine.Position{}, err
	}
	return grapevine.ParsePosition(found[0].ID)
}

// lastID is a stream's last generated id, zero if the stream does not exist.
func lastID(ctx context.Context, rdb redis.Cmdable, key string) (grapevine.Position, error) {
	exists, err := rdb.Exists(ctx, key).Result()
	if err != nil || exists == 0 {
		return grapevine.Position{}, err
	}
	info, err := rdb.XInfoStream(ctx, key).Result()
	if err != nil {
		return grapevine.Position{}, err
	}
	return grapevine.ParsePosition(info.LastGeneratedID)
}

// second is the first id of a second of MongoDB's time.
func second(t time.Time) string { return strconv.FormatUint(uint64(t.Unix())<<32, 10) + "-0" }
