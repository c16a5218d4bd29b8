package events

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

// Stats describes what the log holds.
type Stats struct {
	Entries int64              `json:"entries"`
	Bytes   int64              `json:"bytes"` // as MEMORY USAGE counts
	First   grapevine.Position `json:"first"`
	Last    grapevine.Position `json:"last"` // last generated id
}

// Stats asks Redis what the log holds. All fields are zero if there is no log.
func (l *Log) Stats(ctx context.Context) (Stats, error) {
	usage, err := l.rdb.MemoryUsage(ctx, l.key, 0).Result()
	if errors.Is(err, redis.Nil) {
		return Stats{}, nil
	}
	if err != nil {
		return Stats{}, err
	}
	length, err := l.rdb.XLen(ctx, l.key).Result()
	if err != nil {
		return Stats{}, redisx.NameKeys(err, l.key)
	}
	first, err := oldestID(ctx, l.rdb, l.key)
	if err != nil {
		return Stats{}, err
	}
	last, err := lastID(ctx, l.rdb, l.key)
	return Stats{Entries: length, Bytes: usage, First: first, Last: last}, err
}
