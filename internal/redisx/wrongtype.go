package redisx

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Types of keys, as the command TYPE names them.
const (
	TypeString = "string"
	TypeHash   = "hash"
	TypeStream = "stream"
	typeNone   = "none"
)

// IsWrongType reports whether a command failed because a key holds another type of value.
// Redis 6 puts a prefix of its own before the error of a script.
func IsWrongType(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer) && strings.Contains(answer.Error(), "WRONGTYPE")
}

// NameWrongType adds to a WRONGTYPE error which of the keys is meant, and what to do. types maps the keys of the
// command to the types they should have. Other errors are returned unchanged.
func NameWrongType(ctx context.Context, rdb redis.Cmdable, err error, types map[string]string) error {
	if !IsWrongType(err) {
		return err
	}
	for key, want := range types {
		got, typeErr := rdb.Type(ctx, key).Result()
		if typeErr == nil && got != want && got != typeNone {
			return fmt.Errorf("the Redis key %q holds a %s instead of a %s; delete it (UNLINK %s): %w", key, got, want, key, err)
		}
	}
	return err
}
