package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ErrUnfit says that this Redis cannot hold the queues, and that waiting does not help. It may evict a task's
// message when memory is short, so that the job never runs. Or it is a cluster, where scripts on several keys
// fail, ours and Asynq's.
var ErrUnfit = errors.New("redis is not fit for queues")

var errCluster = fmt.Errorf("%w: it is a Redis Cluster (cluster_enabled:1); use a single primary, with replicas if you need them", ErrUnfit)

// CheckRedis checks the settings of Redis. It returns [ErrUnfit] if Redis cannot hold the queues, another error
// if they cannot be read, and warnings about settings that are risky. It reads INFO, which is often allowed
// where CONFIG is not.
func CheckRedis(ctx context.Context, rdb *redis.Client) (warnings []string, err error) {
	// One section per call: several per call need Redis 7.
	var text strings.Builder
	for _, section := range []string{"memory", "persistence", "cluster"} {
		part, err := rdb.Info(ctx, section).Result()
		if err != nil && strings.Contains(err.Error(), "cluster mode") { // a cluster refuses SELECT of a database number
			return nil, errCluster
		}
		if err != nil {
			return nil, fmt.Errorf("read the settings of Redis: %w", err)
		}
		text.WriteString(part)
	}
	info := parseInfo(text.String())
	if info["cluster_enabled"] == "1" {
		return nil, errCluster
	}
	if policy := info["maxmemory_policy"]; policy != "noeviction" {
		return nil, fmt.Errorf("%w: its maxmemory-policy is %q, which may evict queued jobs when memory is short; "+
			"set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)", ErrUnfit, policy)
	}
	if info["aof_enabled"] != "1" {
		warnings = append(warnings, "redis has appendonly no: a restart of Redis loses the queue, the event log and the checkpoint since its last snapshot; set appendonly yes")
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
