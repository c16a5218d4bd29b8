package redisx

import (
	"fmt"
	"strings"
)

// NameKeys adds the keys to a WRONGTYPE error of Redis, which does not say which key it means. Any other
// error is returned as it is.
func NameKeys(err error, keys ...string) error {
	if err == nil || !strings.Contains(err.Error(), "WRONGTYPE") { // from a script of Redis 6 it is no prefix
		return err
	}
	if len(keys) == 1 {
		return fmt.Errorf("the Redis key %q was overwritten with another type, delete it: %w", keys[0], err)
	}
	return fmt.Errorf("one of the Redis keys %q was overwritten with another type, delete it: %w", keys, err)
}
