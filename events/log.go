// Package events is the event log: what happened to contacts, in MongoDB's time, kept for a while in
// Redis.
//
// The watcher appends to the [Log]. Every instance runs a [Follower], which reads the log and knows how far
// it got (the watermark). [Signals] carry messages that have no place in MongoDB's time.
package events

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/retry"
)

// Config says where the log is kept, and how much of it.
type Config struct {
	Prefix     string        // of the Redis keys, see [grapevine.KeyPrefix]; empty means no prefix
	Retention  time.Duration // age of the oldest entry, by the entries' own time; zero means 1 h
	MaxEntries int64         // zero means 200,000
	MaxBytes   int64         // as MEMORY USAGE counts; zero means 256 MiB

	Logger     *slog.Logger          // nil means no log lines
	Registerer prometheus.Registerer // nil means no metrics
}

func (c Config) withDefaults() Config {
	c.Retention = cmp.Or(c.Retention, time.Hour)
	c.MaxEntries = cmp.Or(c.MaxEntries, 200_000)
	c.MaxBytes = cmp.Or(c.MaxBytes, 256<<20)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}

// Log is the Redis stream of events. The id of an entry is the position of its change. Methods are safe
// for concurrent use, except that only one caller may use Apply at a time.
type Log struct {
	rdb     *redis.Client
	cfg     Config
	key     string
	metrics metrics
	trimmer trimmer
	counts  countCache
}

// New makes a log on rdb. The caller closes rdb.
func New(rdb *redis.Client, cfg Config) *Log {
	cfg = cfg.withDefaults()
	l := &Log{rdb: rdb, cfg: cfg, key: cfg.Prefix + grapevine.KeyEvents}
	l.metrics.register(cfg.Registerer)
	l.trimmer.trouble = retry.FailureLog{
		Logger: cfg.Logger, Failed: "cannot trim the event log, will retry after the next append",
		Recovered: "the event log is trimmed again",
	}
	return l
}

// Apply appends the changes as entries. It skips entries that the log already has, so a repeated batch
// changes nothing. If it fails, the appended entries are a prefix of the batch.
//
// Errors: [grapevine.ErrFenced] if another watcher holds the lease; [grapevine.ErrTailLost] if the log ends
// before the position that this watcher has applied, because appending would hide the missing entries;
// *[grapevine.DeadLetter] for a contact that cannot be written as JSON, after the changes before it were
// appended. Any other error may pass with a retry.
func (l *Log) Apply(ctx context.Context, batch grapevine.Batch) error {
	entries, dead := newPendingEntries(batch.Changes)
	reached := batch.Fence.Applied
	for i, chunk := range chunks(entries) {
		err := l.append(ctx, appendArgs{fence: batch.Fence, reached: reached, entries: chunk})
		switch {
		case i > 0 && errors.Is(err, grapevine.ErrTailLost):
			// The lost entries belong to this batch, which the watcher applies again.
			return errors.New("append to the event log: Redis lost the beginning of this batch")
		case err != nil:
			return err
		}
		reached = chunk[len(chunk)-1].position
	}
	l.trim(ctx, reached)
	return dead
}
