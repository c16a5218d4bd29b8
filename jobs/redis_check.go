package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"grapevine/internal/redisx"
)

// ErrUnfit says that this Redis cannot hold the queues, and that waiting does not help. It may evict a task's
// message when memory is short, so that the job never runs. Or it is a cluster, where scripts on several keys
// fail, ours and Asynq's.
var ErrUnfit = errors.New("redis is not fit for queues")

var (
	errCluster  = fmt.Errorf("%w: it is a Redis Cluster; use a single primary, with replicas if you need them", ErrUnfit)
	errSentinel = fmt.Errorf("%w: it is a Sentinel, which holds no data; write redis-sentinel://host:26379/mymaster with the name of the primary that it watches", ErrUnfit)
)

// CheckRedis checks the settings of Redis. It returns [ErrUnfit] if Redis cannot hold the queues, another error if it
// does not answer, and warnings about settings that are risky or that it may not read. It reads INFO, which is often
// allowed where CONFIG is not.
func CheckRedis(ctx context.Context, rdb *redis.Client) (warnings []string, err error) {
	server, err := redisx.Identify(ctx, rdb)
	switch {
	case server.Mode == "cluster" || isClusterError(err):
		return nil, errCluster
	case server.Mode == "sentinel" || isSentinelError(err):
		return nil, errSentinel
	}
	info, err := readSettings(ctx, rdb)
	if isClusterError(err) {
		return nil, errCluster
	}
	if redis.HasErrorPrefix(err, "NOPERM") || isUnknownCommand(err) {
		return []string{"maxmemory-policy cannot be read, because the user of REDIS_URL may not run INFO; make sure that it is noeviction, or grant +info"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the settings of Redis: %w", err)
	}
	return checkSettings(info)
}

func checkSettings(info map[string]string) (warnings []string, err error) {
	policy, known := info["maxmemory_policy"]
	switch {
	case info["cluster_enabled"] == "1":
		return nil, errCluster
	case !known:
		warnings = append(warnings, "maxmemory-policy cannot be read here; make sure that it is noeviction")
	case policy != "noeviction":
		return nil, fmt.Errorf("%w: its maxmemory-policy is %q, which may evict queued jobs when memory is short; "+
			"set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)", ErrUnfit, policy)
	}
	if aof, known := info["aof_enabled"]; known && aof != "1" {
		warnings = append(warnings, "redis has appendonly no: a restart of Redis loses the queue, the event log and the checkpoint since its last snapshot; set appendonly yes")
	}
	return warnings, nil
}

// readSettings reads one section per call: several per call need Redis 7.
func readSettings(ctx context.Context, rdb *redis.Client) (map[string]string, error) {
	var text strings.Builder
	for _, section := range []string{"memory", "persistence", "cluster"} {
		part, err := rdb.Info(ctx, section).Result()
		if err != nil {
			return nil, err
		}
		text.WriteString(part)
	}
	return redisx.ParseInfo(text.String()), nil
}

// isClusterError reports a refusal that only a cluster gives. It refuses SELECT of a database number, and keys of other
// nodes.
func isClusterError(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "cluster mode") || redis.HasErrorPrefix(err, "MOVED") || redis.HasErrorPrefix(err, "CLUSTERDOWN"))
}

// isSentinelError reports the refusal of SELECT by a Sentinel.
func isSentinelError(err error) bool {
	return isUnknownCommand(err) && strings.Contains(strings.ToLower(err.Error()), "select")
}

func isUnknownCommand(err error) bool {
	return err != nil && strings.Contains(err.Error(), "unknown command")
}

// ProbeQueues checks that tasks could be enqueued and cancelled now. It changes nothing.
func ProbeQueues(ctx context.Context, rdb *redis.Client, database string) error {
	for _, queue := range queuesOf(database).list() {
		if err := redisx.ProbeWrite(ctx, rdb, "asynq:{"+queue+"}:"); err != nil {
			return fmt.Errorf("write to the queue %s: %w", queue, err)
		}
	}
	if err := rdb.Publish(ctx, "asynq:probe", "").Err(); err != nil { // nobody listens
		return fmt.Errorf("cancel a task: %w", err)
	}
	return nil
}
