package events

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

// ErrTrimmed says that the log no longer holds every entry after a position.
var ErrTrimmed = errors.New("the event log no longer reaches back that far")

// LogReader reads the log and the signals on a client of its own. See redisx.ForFollower. Safe for concurrent use.
type LogReader struct {
	rdb     *redis.Client
	events  string // key
	signals string // key
}

// NewLogReader makes a reader of the keys under prefix. The caller closes rdb.
func NewLogReader(rdb *redis.Client, prefix string) *LogReader {
	return &LogReader{rdb: rdb, events: prefix + grapevine.KeyEvents, signals: prefix + grapevine.KeySignals}
}

// After returns at most limit entries after p, oldest first. The error is [ErrTrimmed] if the log may have
// had more entries after p.
func (r *LogReader) After(ctx context.Context, p grapevine.Position, limit int64) ([]*Entry, error) {
	var found, first *redis.XMessageSliceCmd
	// The oldest entry is read after the range. The log could be trimmed between the two reads, and a range with a hole
	// would look complete.
	if _, err := r.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		found = pipe.XRangeN(ctx, r.events, "("+p.String(), "+", limit)
		first = pipe.XRangeN(ctx, r.events, "-", "+", 1)
		return nil
	}); err != nil {
		return nil, redisx.NameKeys(err, r.events)
	}
	if !reachesBackTo(p, first.Val()) {
		return nil, ErrTrimmed
	}
	return parseEntries(found.Val()), nil
}

// reachesBackTo reports whether a log with this oldest entry holds everything after p.
func reachesBackTo(p grapevine.Position, first []redis.XMessage) bool {
	if len(first) == 0 {
		return false
	}
	oldest, err := grapevine.ParsePosition(first[0].ID)
	return err == nil && !p.Before(oldest)
}

// UpTo returns at most limit entries at or before p, newest first.
func (r *LogReader) UpTo(ctx context.Context, p grapevine.Position, limit int64) ([]*Entry, error) {
	found, err := r.rdb.XRevRangeN(ctx, r.events, p.String(), "-", limit).Result()
	if err != nil {
		return nil, redisx.NameKeys(err, r.events)
	}
	return parseEntries(found), nil
}

// Reaches reports whether the log holds everything after p.
func (r *LogReader) Reaches(ctx context.Context, p grapevine.Position) (bool, error) {
	first, err := r.rdb.XRangeN(ctx, r.events, "-", "+", 1).Result()
	return reachesBackTo(p, first), redisx.NameKeys(err, r.events)
}

// oldestID is the id of the oldest entry of a stream; zero if there is none.
func oldestID(ctx context.Context, rdb redis.Cmdable, key string) (grapevine.Position, error) {
	found, err := rdb.XRangeN(ctx, key, "-", "+", 1).Result()
	if err != nil || len(found) == 0 {
		return grapevine.Position{}, redisx.NameKeys(err, key)
	}
	return grapevine.ParsePosition(found[0].ID)
}

// lastID is the last generated id of a stream; zero if there is no stream.
func lastID(ctx context.Context, rdb redis.Cmdable, key string) (grapevine.Position, error) {
	exists, err := rdb.Exists(ctx, key).Result()
	if err != nil || exists == 0 {
		return grapevine.Position{}, err
	}
	info, err := rdb.XInfoStream(ctx, key).Result()
	if err != nil {
		return grapevine.Position{}, redisx.NameKeys(err, key)
	}
	return grapevine.ParsePosition(info.LastGeneratedID)
}
