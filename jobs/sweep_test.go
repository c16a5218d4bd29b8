package jobs

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/jobs/asynqx"
	"grapevine/ledger"
)

// place moves all pending welcomes to another state, as Asynq does.
func (r *rig) place(t *testing.T, state string) {
	t.Helper()
	ctx, queue := t.Context(), r.queue.names.welcome
	key := func(part string) string { return asynqx.QueueKey(queue, part) }
	for _, id := range r.rdb.LRange(ctx, key("pending"), 0, -1).Val() {
		if state == asynqx.Pending {
			continue
		}
		_, err := r.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.LRem(ctx, key("pending"), 0, id)
			p.HSet(ctx, asynqx.TaskKey(queue, id), "state", state)
			p.HDel(ctx, asynqx.TaskKey(queue, id), "pending_since")
			if state == asynqx.Active {
				p.LPush(ctx, key("active"), id)
				// Its worker died long ago.
				p.ZAdd(ctx, key("lease"), redis.Z{Score: float64(time.Now().Add(-time.Hour).Unix()), Member: id})
				return nil
			}
			p.ZAdd(ctx, key(state), redis.Z{Score: float64(time.Now().Add(time.Hour).Unix()), Member: id})
			return nil
		})
		require.NoError(t, err)
	}
}

// Each key of Asynq is deleted, or overwritten with another type, while tasks are in the state that needs it. A sweep
// brings every task back, and no contact gets two mails.
func TestSweepFindsTasksThatRedisLost(t *testing.T) {
	r := newRig(t, QueueConfig{})
	r.backfiller.lostAfter = 0
	ctx := t.Context()
	queue := r.queue.names.welcome
	del := func(part string) func(ids []string) {
		return func([]string) { require.NoError(t, r.rdb.Del(ctx, asynqx.QueueKey(queue, part)).Err()) }
	}
	overwrite := func(part string) func(ids []string) {
		return func([]string) { require.NoError(t, r.rdb.Set(ctx, asynqx.QueueKey(queue, part), "x", 0).Err()) }
	}
	eachTask := func(do func(key string) error) func(ids []string) {
		return func(ids []string) {
			for _, id := range ids {
				require.NoError(t, do(asynqx.TaskKey(queue, id)))
			}
		}
	}
	delTask := eachTask(func(key string) error { return r.rdb.Del(ctx, key).Err() })
	delMessage := eachTask(func(key string) error { return r.rdb.HDel(ctx, key, "msg").Err() })
	delState := eachTask(func(key string) error { return r.rdb.HDel(ctx, key, "state").Err() })
	overwriteTask := eachTask(func(key string) error { return r.rdb.Set(ctx, key, "x", 0).Err() })
	for _, c := range []struct {
		name, state string
		damage      func(ids []string)
		stay        bool // nothing is lost
	}{
		{name: "pending list deleted", state: asynqx.Pending, damage: del("pending")},
		{name: "pending list overwritten", state: asynqx.Pending, damage: overwrite("pending")},
		{name: "pending, hash deleted", state: asynqx.Pending, damage: delTask},
		{name: "pending, hash overwritten", state: asynqx.Pending, damage: overwriteTask},
		{name: "pending, message deleted", state: asynqx.Pending, damage: delMessage},
		{name: "pending, state deleted", state: asynqx.Pending, damage: delState},
		{name: "pending, hash and list deleted", state: asynqx.Pending, damage: func(ids []string) { delTask(ids); del("pending")(ids) }},
		{name: "active list deleted", state: asynqx.Active, damage: del("active")},
		{name: "active list overwritten", state: asynqx.Active, damage: overwrite("active")},
		{name: "lease deleted", state: asynqx.Active, damage: del("lease")},
		{name: "lease overwritten", state: asynqx.Active, damage: overwrite("lease")},
		{name: "active, hash deleted", state: asynqx.Active, damage: delTask},
		{name: "scheduled deleted", state: asynqx.Scheduled, damage: del("scheduled")},
		{name: "scheduled overwritten", state: asynqx.Scheduled, damage: overwrite("scheduled")},
		{name: "retry deleted", state: asynqx.Retry, damage: del("retry")},
		{name: "retry overwritten", state: asynqx.Retry, damage: overwrite("retry")},
		{name: "retry, hash deleted", state: asynqx.Retry, damage: delTask},
		{name: "archived deleted", state: asynqx.Archived, damage: del("archived")},
		{name: "archived overwritten", state: asynqx.Archived, damage: overwrite("archived")},
		{name: "completed without an effect, list deleted", state: asynqx.Completed, damage: del("completed"), stay: true},
		{name: "counter overwritten", state: asynqx.Pending, damage: func([]string) {
			require.NoError(t, r.rdb.LPush(ctx, asynqx.QueueKey(queue, "processed"), "x").Err())
		}, stay: true},
		{name: "nothing deleted", state: asynqx.Retry, damage: func([]string) {}, stay: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, r.rdb.FlushDB(ctx).Err())
			require.NoError(t, r.queue.register(ctx))
			r.queue.watched = newWatchlist()
			var batch []grapevine.Change
			var ids []string
			for range 7 {
				id := bson.NewObjectID()
				batch, ids = append(batch, created(id, now())), append(ids, WelcomeTaskID(id.Hex()))
			}
			r.apply(t, batch...)
			r.place(t, c.state)
			c.damage(ids)
			before := value(t, r.queue.metrics.requeued)
			_, err := r.backfiller.Sweep(ctx, false)
			require.NoError(t, err)
			_, err = r.backfiller.Sweep(ctx, false)
			require.NoError(t, err)
			require.Zero(t, r.rdb.ZCard(ctx, asynqx.QueueKey(queue, "lease")).Val(), "the recoverer of Asynq finds no task whose worker died")
			lost := func() int { return int(value(t, r.queue.metrics.requeued) - before) }
			if c.stay {
				require.Zero(t, lost())
				return
			}
			var outgoing outbox
			w := r.newWorker(t, r.workerConfig(&outgoing))
			w.janitorInterval = 50 * time.Millisecond
			run, stop := context.WithCancel(ctx)
			ended := make(chan error)
			go func() { ended <- w.Run(run) }()
			defer func() { stop(); require.NoError(t, <-ended) }()
			r.eventually(t, int64(len(ids)), "completed", completed)
			require.ElementsMatch(t, ids, outgoing.ids())
			if c.name != "pending, state deleted" { // Asynq does not need it
				require.Equal(t, len(ids), lost(), "each is enqueued again, and once")
			}
		})
	}
}

// A walk finds what the watchlist does not have: tasks that another process enqueued and Redis lost. What a person
// deleted from the archive, and what has had its effect, stays away.
func TestWalkFindsContactsWithoutAJob(t *testing.T) {
	r := newRig(t, QueueConfig{})
	r.backfiller.lostAfter = 0
	ctx := t.Context()
	rows := map[string]bson.D{
		"absent":  nil,
		"claimed": {{Key: "state", Value: ledger.Claimed}},
		"failed":  {{Key: "state", Value: ledger.Claimed}, {Key: "failed", Value: true}},
		"refused": {{Key: "state", Value: ledger.Refused}},
		"done":    {{Key: "state", Value: ledger.Done}},
		"skipped": {{Key: "state", Value: ledger.Skipped}},
		"old":     {{Key: "state", Value: ledger.Preexisting}},
	}
	ids := map[string]string{}
	for name, row := range rows {
		id := bson.NewObjectID()
		ids[name] = WelcomeTaskID(id.Hex())
		_, err := r.db.Collection("contacts").InsertOne(ctx, bson.D{{Key: "_id", Value: id}})
		require.NoError(t, err)
		if row != nil {
			_, err = r.db.Collection("effects").InsertOne(ctx, append(bson.D{{Key: "_id", Value: id}}, row...))
			require.NoError(t, err)
		}
	}
	_, err := r.backfiller.Sweep(ctx, true)
	require.NoError(t, err)
	require.Empty(t, r.pendingIDs(t), "a walk only notes them: their change may still be to come")
	next, err := r.backfiller.Sweep(ctx, false)
	require.NoError(t, err)
	require.Equal(t, map[string]bool{ids["absent"]: true, ids["claimed"]: true}, r.pendingIDs(t))
	require.GreaterOrEqual(t, next, time.Minute)
	require.LessOrEqual(t, next, 4*time.Minute)
}

// The watchlist is bounded. A walk takes over for the tasks that it left out.
func TestWatchlistIsBounded(t *testing.T) {
	l := newWatchlist()
	for i := range maxWatched {
		l.add(fmt.Sprint(i))
	}
	require.False(t, l.takeOverflow())
	l.add("1")
	require.False(t, l.takeOverflow())
	l.add("one more")
	require.True(t, l.takeOverflow())
	require.False(t, l.takeOverflow())
	require.Len(t, l.olderThan(0), maxWatched)
	require.Empty(t, l.olderThan(time.Hour))
}
