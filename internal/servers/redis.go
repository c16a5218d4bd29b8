package servers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis is a redis-server with append-only persistence and no eviction.
type Redis struct {
	*Process
	URL string // redis://127.0.0.1:port; append /N for database N
}

// StartRedis starts redis-server with its data under dir on the given loopback port (0: a free one).
// It returns once the server answers.
func StartRedis(ctx context.Context, path, dir string, port int, args ...string) (*Redis, error) {
	if port == 0 {
		var err error
		if port, err = FreePort(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	args = append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir, "--databases", "256",
		"--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "",
	}, args...)
	p, err := start("redis-server", path, args, filepath.Join(dir, "redis.log"))
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(&redis.Options{
		Addr:                     fmt.Sprintf("127.0.0.1:%d", port),
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	defer client.Close()
	if err := p.waitReady(ctx, func(ctx context.Context) error { return client.Ping(ctx).Err() }); err != nil {
		p.Kill()
		return nil, err
	}
	return &Redis{Process: p, URL: fmt.Sprintf("redis://127.0.0.1:%d", port)}, nil
}
