package redisx

import (
	"fmt"
	"strings"
)

// IsWrongType reports whether a command failed because a key holds another type of value. In an error of a
// script, Redis 6 writes something else first.
func IsWrongType(err error) bool { return err != nil && strings.Contains(err.Error(), "WRONGTYPE") }

// NameKeys adds the keys to a WRONGTYPE error of Redis, which does not say which key it means. Any other
// error is returned as it is.
func NameKeys(err error, keys ...string) error {
	if !IsWrongType(err) {
		return err
	}
	if len(keys) == 1 {
		return fmt.Errorf("the Redis key %q was overwritten with another type, delete it: %w", keys[0], err)
	}
	return fmt.Errorf("one of the Redis keys %q was overwritten with another type, delete it: %w", keys, err)
}
