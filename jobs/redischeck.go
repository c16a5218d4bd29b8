package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ErrUnfit says that Redis cannot hold the queues as it is, which no waiting mends: it may drop a task's
// message under memory pressure, and the job never runs, or it is a cluster, where our scripts and
// Asynq's, which are about several keys at once, fail.
var ErrUnfit = errors.New("redis is not fit for queues")

var errCluster = fmt.Errorf("%w: it is a Redis Cluster (cluster_enabled:1); use one that is not, with replicas if need be", ErrUnfit)

// CheckRedis tells whether Redis may hold the queues: [ErrUnfit] if not, another error if it could
// not be asked. The warnings are about what should be otherwise. It reads INFO, which is allowed where CONFIG is not.
func CheckRedis(ctx context.Context, rdb *redis.Client) (warnings []string, err error) {
	// One section a call: several are Redis 7.
	var text strings.Builder
	for _, section := range []string{"memory", "persistence", "cluster"} {
		part, err := rdb.Info(ctx, section).Result()
		if err != nil && strings.Contains(err.Error(), "cluster mode") { // it refuses SELECT of a database's number
			return nil, errCluster
		}
		if err != nil {
			return nil, fmt.Errorf("ask Redis for its settings: %w", err)
		}
		text.WriteString(part)
	}
	info := parseInfo(text.String())
	if info["cluster_enabled"] == "1" {
		return nil, errCluster
	}
	if policy := info["maxmemory_policy"]; policy != "noeviction" {
		return nil, fmt.Errorf("%w: its maxmemory-policy is %q, which may drop queued jobs when memory is short; "+
			"set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)", ErrUnfit, policy)
	}
	if info["aof_enabled"] != "1" {
		warnings = append(warnings, "redis has appendonly no: a restart of Redis loses the queue, the history and the checkpoint since its last snapshot; set appendonly yes")
	}
	return warnings, nil
}

func parseInfo(text string) map[string]string {
	info := map[string]string{}
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		if key, value, ok := strings.Cut(strings.TrimSpace(s.Text()), ":"); ok {
			info[key] = value
		}
	}
	return info
}
