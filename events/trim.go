package events

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/retry"
)

const trimInterval = time.Second

// trimmer decides when the log is trimmed: once an interval, or earlier after many bytes.
type trimmer struct {
	last    time.Time
	pending atomic.Int64 // bytes appended since last
	trouble retry.FailureLog
}

func (t *trimmer) add(entries []pendingEntry) {
	for i := range entries {
		t.pending.Add(int64(entries[i].size()))
	}
}

// due reports whether to trim now, and starts the next interval if so.
func (t *trimmer) due(maxBytes int64) bool {
	if time.Since(t.last) < trimInterval && t.pending.Load() < maxBytes/8 {
		return false
	}
	t.last = time.Now()
	t.pending.Store(0)
	return true
}

// trim removes old entries if that is due. A failure does not fail the append: the next append tries again.
func (l *Log) trim(ctx context.Context, newest grapevine.Position) {
	if newest.IsZero() || !l.trimmer.due(l.cfg.MaxBytes) {
		return
	}
	err := l.trimToLimits(ctx, newest)
	switch {
	case err == nil:
		l.trimmer.trouble.Success()
	case ctx.Err() == nil:
		l.trimmer.trouble.Failure(err)
	}
}

func (l *Log) trimToLimits(ctx context.Context, newest grapevine.Position) error {
	var usage, length *redis.IntCmd
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		if keep := uint64(l.cfg.Retention / time.Second); uint64(newest.T()) > keep {
			oldest := grapevine.Position{Time: newest.Time - keep<<32}
			p.XTrimMinID(ctx, l.key, oldest.String())
		}
		p.XTrimMaxLen(ctx, l.key, l.cfg.MaxEntries)
		// 0 measures every node. The default sample misses large entries among many small ones.
		usage = p.MemoryUsage(ctx, l.key, 0)
		length = p.XLen(ctx, l.key)
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	excess := float64(usage.Val()) / float64(l.cfg.MaxBytes)
	if excess <= 1 {
		return nil
	}
	keep := int64(float64(length.Val()) / excess * 0.9)
	return l.rdb.XTrimMaxLen(ctx, l.key, max(1, keep)).Err()
}
