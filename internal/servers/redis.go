package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis is a redis-server with append-only persistence and no eviction.
type Redis struct {
	*Process
	URL  string // redis://127.0.0.1:port; append /N for database N (0–255)
	Port int

	program Program
	dir     string
	args    []string
}

// StartRedis starts redis-server with its data in dir on a loopback port; port 0 means a free one. It returns when
// the server has loaded the data of earlier runs and answers.
func StartRedis(ctx context.Context, program Program, dir string, port int, args ...string) (*Redis, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	r := &Redis{program: program, dir: dir, args: args}
	err := onFreePort(port, func(port int) error {
		all := append([]string{
			"--bind", program.listen(), "--port", strconv.Itoa(port), "--dir", dir, "--databases", "256",
			"--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "",
			// In a container it listens on all addresses, and the engine publishes the port on loopback only.
			"--protected-mode", program.protected(),
		}, args...)
		p, err := program.start("redis-server", dir, port, all, filepath.Join(dir, "redis.log"))
		if err != nil {
			return err
		}
		r.Process, r.Port, r.URL = p, port, fmt.Sprintf("redis://127.0.0.1:%d", port)
		if err := r.waitAnswer(ctx); err != nil {
			p.Kill()
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Restart starts redis-server again with the same port and data after Kill or Stop. No other method may run at
// the same time.
func (r *Redis) Restart(ctx context.Context) error {
	select {
	case <-r.Done():
	default:
		return errors.New("restart redis-server: it is still running")
	}
	again, err := StartRedis(ctx, r.program, r.dir, r.Port, r.args...)
	if err != nil {
		return err
	}
	r.Process = again.Process
	return nil
}

var processID = regexp.MustCompile(`process_id:(\d+)`)

func (r *Redis) waitAnswer(ctx context.Context) error {
	client := redis.NewClient(&redis.Options{
		Addr:                     fmt.Sprintf("127.0.0.1:%d", r.Port),
		MaxRetries:               -1,
		ContextTimeoutEnabled:    true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	defer func() { _ = client.Close() }()
	return r.waitReady(ctx, func(ctx context.Context) error {
		// INFO answers while the data is still loading; PING does not.
		if err := client.Ping(ctx).Err(); err != nil {
			return err
		}
		info, err := client.Info(ctx, "server").Result()
		if err != nil {
			return err
		}
		found := processID.FindStringSubmatch(info)
		if found == nil {
			return errors.New("INFO without a process_id")
		}
		pid, err := strconv.Atoi(found[1])
		if err != nil {
			return err
		}
		return r.checkPID(pid)
	})
}
