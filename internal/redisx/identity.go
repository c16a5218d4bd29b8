package redisx

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Identity is what a Redis says of itself. Unknown fields are empty.
type Identity struct {
	Name    string // redis, or that of a relative such as valkey
	Version string
	Mode    string // standalone, cluster or sentinel
}

// Identify asks with HELLO, which an access list rarely refuses, and with INFO where HELLO does not exist.
func Identify(ctx context.Context, rdb *redis.Client) (Identity, error) {
	reply, err := rdb.Do(ctx, "HELLO").Result()
	switch reply := reply.(type) {
	case map[any]any:
		text := func(field string) string { s, _ := reply[field].(string); return s }
		return Identity{text("server"), text("version"), text("mode")}, nil
	case []any:
		fields := map[string]string{}
		for i := 0; i+1 < len(reply); i += 2 {
			name, _ := reply[i].(string)
			fields[name], _ = reply[i+1].(string)
		}
		return Identity{fields["server"], fields["version"], fields["mode"]}, nil
	}
	text, infoErr := rdb.Info(ctx, "server").Result()
	if infoErr != nil {
		return Identity{}, err
	}
	info := ParseInfo(text)
	return Identity{"redis", info["redis_version"], info["redis_mode"]}, nil
}

// ParseInfo reads the reply to INFO.
func ParseInfo(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[key] = value
		}
	}
	return info
}

// ProbeWrite checks that a key with this prefix could be written and that scripts may run. It changes nothing: a SET
// with XX does nothing where the key does not exist.
func ProbeWrite(ctx context.Context, rdb *redis.Client, prefix string) error {
	key := prefix + "probe"
	_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.SetXX(ctx, key, "", 0)
		p.Eval(ctx, "return redis.call('EXISTS', KEYS[1])", []string{key})
		return nil
	})
	if err == redis.Nil { //nolint:errorlint // never wrapped; SetXX found no key
		return nil
	}
	return err
}
