// Package ws appends events to the history, follows it, and keeps rooms.
//
// [History] is the watcher's effect: it turns changes into entries of a Redis stream whose ids are the
// changes' positions. [Hub] follows that stream, in every instance, and delivers the entries to the
// sockets that joined the rooms concerned.
package ws

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"grapevine"
)

//go:embed append.lua
var appendSource string

var appendScript = redis.NewScript(grapevine.PositionLua + appendSource)

// Bounds of one append: a script blocks Redis while it runs.
const (
	maxAppendEntries = 500
	maxAppendBytes   = 1 << 20
)

// HistoryConfig says where the history lies and how much of it is kept. Zero values mean the defaults.
type HistoryConfig struct {
	Prefix     string        // of the keys `events` and `signals`; "grapevine:"
	Retention  time.Duration // by the entries' own time; 1 h
	MaxEntries int64         // 200,000
	MaxBytes   int64         // as MEMORY USAGE counts; 256 MB

	Logger     *slog.Logger          // nil: none
	Registerer prometheus.Registerer // nil: none
}

func (c HistoryConfig) withDefaults() HistoryConfig {
	if c.Prefix == "" {
		c.Prefix = "grapevine:"
	}
	if c.Retention <= 0 {
		c.Retention = time.Hour
	}
	if c.MaxEntries <= 0 {
		c.MaxEntries = 200_000
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 256 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// History is the Redis streams `events` (what happened to contacts, in MongoDB's time) and `signals`
// (what has no place in that time). Safe for concurrent use; Apply is one caller's at a time.
type History struct {
	rdb     *redis.Client
	cfg     HistoryConfig
	events  string // key
	signals string // key
	metrics historyMetrics
	trimmer trimmer
	counts  countCache
}

// NewHistory is a history on rdb, which stays the caller's to close.
func NewHistory(rdb *redis.Client, cfg HistoryConfig) *History {
	cfg = cfg.withDefaults()
	h := &History{rdb: rdb, cfg: cfg, events: cfg.Prefix + "events", signals: cfg.Prefix + "signals"}
	h.metrics.register(cfg.Registerer)
	h.trimmer.trouble = newStreak(cfg.Logger, "the history cannot be trimmed")
	return h
}

// Apply appends the changes as entries whose ids are their positions. Entries that are there already
// are passed over, so a replay does nothing. What is appended is always a prefix of changes.
//
// Errors: [grapevine.ErrFenced], another watcher holds the lease; [grapevine.ErrTailLost], the history
// ends before what this watcher has applied (appending would hide the hole); *[grapevine.DeadLetter], a
// contact without a JSON form, after everything before it was appended; anything else may pass.
func (h *History) Apply(ctx context.Context, batch grapevine.Batch) error {
	changes, after := batch.Changes, batch.Fence.Applied
	var dead error
	chunk := make([]record, 0, min(len(changes), maxAppendEntries))
	bytes, begun := 0, false
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		if err := h.append(ctx, batch.Fence, after, chunk); err != nil {
			if begun && errors.Is(err, grapevine.ErrTailLost) {
				return errors.New("append to the history: redis lost the beginning of this batch")
			}
			return err
		}
		after, begun = chunk[len(chunk)-1].at, true
		chunk, bytes = chunk[:0], 0
		return nil
	}
	for i := range changes {
		r, err := render(&changes[i])
		if err != nil {
			dead = err
			break
		}
		if len(chunk) == maxAppendEntries || bytes+r.size() > maxAppendBytes || r.anew {
			if err := flush(); err != nil {
				return err
			}
		}
		chunk = append(chunk, r)
		bytes += r.size()
	}
	if err := flush(); err != nil {
		return err
	}
	h.trim(ctx, after)
	return dead
}

// append runs the script once. chunk is not empty; only its first entry may begin the history anew.
func (h *History) append(ctx context.Context, fence grapevine.Fence, after grapevine.Position, chunk []record) error {
	first := &chunk[0]
	args := make([]any, 0, 5+5*len(chunk))
	args = append(args, fence.Nonce, "", "", "", "")
	if !after.IsZero() {
		args[1] = after.String()
	}
	if first.op != grapevine.Resync {
		begin := previous(first.at)
		args[2], args[3] = begin.String(), resyncBody(begin, "the history begins here")
	}
	if first.anew {
		args[4] = "1"
	}
	size := 0
	for i := range chunk {
		r := &chunk[i]
		args = append(args, r.at.String(), string(r.op), r.to, r.body, r.left)
		size += r.size()
	}
	reply, err := appendScript.Run(ctx, h.rdb, []string{h.events, fence.LeaseKey}, args...).Slice()
	if err != nil {
		return fmt.Errorf("append to the history: %w", err)
	}
	var status, text string
	var added, known int64
	if len(reply) == 4 {
		status, _ = reply[0].(string)
		added, _ = reply[1].(int64)
		known, _ = reply[2].(int64)
		text, _ = reply[3].(string)
	}
	h.metrics.appended.Add(added)
	h.metrics.repeated.Add(known)
	h.trimmer.note(size)
	switch status {
	case "ok":
		return nil
	case "fenced":
		return grapevine.ErrFenced
	case "lost":
		return grapevine.ErrTailLost
	}
	return errors.New("append to the history: " + text)
}
