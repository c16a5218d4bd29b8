package jobs

import (
	"strconv"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/jobs/asynqx"
)

// ownRedis starts a server whose settings the test may change.
func ownRedis(t *testing.T, args ...string) *redis.Client {
	t.Helper()
	opt, err := redis.ParseURL(realtest.StartRedis(t, args...).URL)
	require.NoError(t, err)
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	rdb := redis.NewClient(opt)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// A Redis without memory refuses tasks in the middle of a batch. The whole batch fails. Applied again once there
// is memory, it leaves no task out.
func TestFullRedisIsAnErrorNeverASkip(t *testing.T) {
	rdb := ownRedis(t)
	q := newQueue(t, rdb, QueueConfig{})
	require.NoError(t, q.register(t.Context()))
	var batch []grapevine.Change
	for range 2000 {
		batch = append(batch, created(bson.NewObjectID(), now()))
	}
	used, err := rdb.InfoMap(t.Context(), "memory").Result()
	require.NoError(t, err)
	now, err := strconv.ParseInt(used["Memory"]["used_memory"], 10, 64)
	require.NoError(t, err)
	// The memory that connections take varies, so the limit grows until some tasks fit, but not all of them.
	some := int64(0)
	for room := int64(200_000); some == 0; room += 100_000 {
		require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", strconv.FormatInt(now+room, 10)).Err())
		require.ErrorContains(t, q.Apply(t.Context(), grapevine.Batch{Changes: batch}), "OOM")
		some = rdb.LLen(t.Context(), asynqx.QueueKey(q.names.welcome, "pending")).Val()
	}
	require.Less(t, some, int64(len(batch)))
	require.ErrorContains(t, q.Apply(t.Context(), grapevine.Batch{Changes: batch}), "OOM", "it stays an error while memory is short")

	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", "0").Err())
	require.NoError(t, q.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	look := asynq.NewInspectorFromRedisClient(rdb)
	for _, c := range batch {
		info, err := look.GetTaskInfo(q.names.welcome, "welcome:"+c.ID)
		require.NoError(t, err)
		require.Equal(t, asynq.TaskStatePending, info.State)
	}
	require.EqualValues(t, len(batch), rdb.LLen(t.Context(), asynqx.QueueKey(q.names.welcome, "pending")).Val())
}

func TestRedisThatEvictsTasksIsRefused(t *testing.T) {
	rdb := ownRedis(t)
	warnings, err := CheckRedis(t.Context(), rdb)
	require.NoError(t, err)
	require.Empty(t, warnings)

	require.NoError(t, rdb.ConfigSet(t.Context(), "appendonly", "no").Err())
	warnings, err = CheckRedis(t.Context(), rdb)
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "appendonly")

	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
	_, err = CheckRedis(t.Context(), rdb)
	require.ErrorContains(t, err, "noeviction")
	require.ErrorContains(t, err, "allkeys-lru")
}

// An unreachable Redis is another error than one that evicts: the caller waits for the first and gives up on the
// second.
func TestRedisThatDoesNotAnswerIsNotRefused(t *testing.T) {
	rdb := ownRedis(t)
	require.NoError(t, rdb.Close())
	_, err := CheckRedis(t.Context(), rdb)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUnfit)
}
