package jobs

import (
	"strconv"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
)

// ownRedis is a server whose settings the test may change.
func ownRedis(t *testing.T, args ...string) *redis.Client {
	t.Helper()
	path, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	server, err := servers.StartRedis(t.Context(), path, t.TempDir(), 0, args...)
	require.NoError(t, err)
	t.Cleanup(server.Kill)
	opt, err := redis.ParseURL(server.URL)
	require.NoError(t, err)
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	rdb := redis.NewClient(opt)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// A Redis that is full refuses tasks in the middle of a batch. The batch fails as a whole and, tried
// again once there is room, leaves none out.
func TestFullRedisIsAnErrorNeverASkip(t *testing.T) {
	rdb := ownRedis(t)
	q := NewQueue(rdb, NewLedger(realtest.New(t).DB(t)), QueueConfig{})
	require.NoError(t, publish(t.Context(), rdb))
	var batch []grapevine.Change
	for range 2000 {
		batch = append(batch, created(bson.NewObjectID(), uint32(time.Now().Unix())))
	}
	used, err := rdb.InfoMap(t.Context(), "memory").Result()
	require.NoError(t, err)
	now, err := strconv.ParseInt(used["Memory"]["used_memory"], 10, 64)
	require.NoError(t, err)
	// How much of the room the connections take before the first task varies, so it is widened until
	// some tasks fit, and never all of them.
	some := int64(0)
	for room := int64(200_000); some == 0; room += 100_000 {
		require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", strconv.FormatInt(now+room, 10)).Err())
		require.ErrorContains(t, q.Apply(t.Context(), grapevine.Batch{Changes: batch}), "OOM")
		some = rdb.LLen(t.Context(), queueKey(queueWelcome, "pending")).Val()
	}
	require.Less(t, some, int64(len(batch)))
	require.ErrorContains(t, q.Apply(t.Context(), grapevine.Batch{Changes: batch}), "OOM", "it stays an error for as long as it is full")

	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", "0").Err())
	require.NoError(t, q.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	look := asynq.NewInspectorFromRedisClient(rdb)
	for _, c := range batch {
		info, err := look.GetTaskInfo(queueWelcome, "welcome:"+c.ID)
		require.NoError(t, err)
		require.Equal(t, asynq.TaskStatePending, info.State)
	}
	require.EqualValues(t, len(batch), rdb.LLen(t.Context(), queueKey(queueWelcome, "pending")).Val())
}

func TestRedisThatMayDropTasksIsRefused(t *testing.T) {
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

// A Redis that cannot be asked is not one that evicts: whoever checks waits for the one and gives up on
// the other.
func TestRedisThatDoesNotAnswerIsNotRefused(t *testing.T) {
	rdb := ownRedis(t)
	require.NoError(t, rdb.Close())
	_, err := CheckRedis(t.Context(), rdb)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUnfit)
}
