package watcher

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// futureToken opens a stream on which no event ever comes.
const futureToken = "82FFFFFFFF000000012B0429296E1404"

func TestCheckpointThatCannotBeUsedIsAGap(t *testing.T) {
	for name, damage := range map[string]func(context.Context, *rig) error{
		"absent":  func(ctx context.Context, r *rig) error { return r.rdb.Del(ctx, r.Prefix+grapevine.KeyCheckpoint).Err() },
		"emptied": func(ctx context.Context, r *rig) error { return r.rdb.FlushDB(ctx).Err() },
		"undecodable": func(ctx context.Context, r *rig) error {
			return r.rdb.HSet(ctx, r.Prefix+grapevine.KeyCheckpoint, "position", "yesterday").Err()
		},
		"token of the future": func(ctx context.Context, r *rig) error {
			return r.rdb.HSet(ctx, r.Prefix+grapevine.KeyCheckpoint, "token", futureToken).Err()
		},
		"all of the future": func(ctx context.Context, r *rig) error {
			at, _ := tokenTime(futureToken)
			return r.rdb.HSet(ctx, r.Prefix+grapevine.KeyCheckpoint, "token", futureToken, "position", at.String()).Err()
		},
		"token of the past": func(ctx context.Context, r *rig) error {
			return r.rdb.HSet(ctx, r.Prefix+grapevine.KeyCheckpoint, "token", "82000000070000000000000000").Err()
		},
		"of another replica set": func(ctx context.Context, r *rig) error {
			return r.rdb.HSet(ctx, r.Prefix+grapevine.KeyCheckpoint, "replicaSetId", bson.NewObjectID().Hex()).Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := realtest.New(t)
			ctx := context.Background()
			r := newRig(t, env)
			r.stoppedAfterOne(t)
			r.insert(t, 1) // not seen by a watcher
			require.NoError(t, damage(ctx, r))

			again := newRig(t, env)
			again.start(t)
			require.Equal(t, 1, again.backfill.reconciled, "contacts were scanned for missing jobs")
			require.Zero(t, again.backfill.preexisted)
			require.Equal(t, 1, again.events.count(grapevine.Resync), "clients are told to read again")
			require.Equal(t, 1, again.cache.count(grapevine.Resync), "the cache is purged")
			require.Zero(t, again.events.count(grapevine.Created), "no event is invented")
			first := again.events.all()[0]
			require.True(t, first.Restart)
			again.insert(t, 1)
			eventually(t, "the next event", func() bool { return again.events.count(grapevine.Created) == 1 })
			require.True(t, first.Position.Before(again.events.contacts()[0].Position))

			gaps, err := Gaps(ctx, again.db)
			require.NoError(t, err)
			require.Len(t, gaps, 1, "the first start is no gap")
			require.Equal(t, GapDone, gaps[0].State)
			require.NotEmpty(t, gaps[0].From)
			require.Equal(t, first.Position.String(), gaps[0].To)
		})
	}
}

func TestNobodyGetsAJobAfterTheLedgerIsLost(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	r.start(t)
	r.stop()
	require.NoError(t, r.rdb.FlushDB(context.Background()).Err())
	again := newRig(t, env)
	again.backfill.ledgerLost = true
	again.start(t)
	require.Equal(t, 1, again.backfill.preexisted, "contacts are marked, and no mail is sent")
	require.Zero(t, again.backfill.reconciled)
}

// Changes between the first start and the first watcher are delivered like any others.
func TestFirstStreamBeginsAtTheFirstStart(t *testing.T) {
	r := newRig(t, realtest.New(t))
	require.NoError(t, r.prepareContacts(t.Context()))
	r.insert(t, 2)
	began, err := r.backfill.Began(t.Context())
	require.NoError(t, err)
	r.insert(t, 3)
	r.start(t)
	eventually(t, "the 3 contacts since the first start", func() bool { return r.events.count(grapevine.Created) == 3 })
	require.Equal(t, 3, r.jobs.count(grapevine.Created))
	require.Equal(t, began, r.events.all()[0].Position, "the event log begins there")
	require.Zero(t, r.backfill.reconciled+r.backfill.preexisted, "no scan is needed")
	gaps, err := Gaps(t.Context(), r.db)
	require.NoError(t, err)
	require.Empty(t, gaps, "the first start is no gap")
}

func TestCheckpointOfAnotherPipelineResumesAtItsTime(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	r.stoppedAfterOne(t)
	require.NoError(t, r.rdb.HSet(context.Background(), r.Prefix+grapevine.KeyCheckpoint, "pipeline", "another").Err())
	r.insert(t, 3)
	again := newRig(t, env)
	again.start(t)
	eventually(t, "the 3 missed", func() bool { return again.events.count(grapevine.Created) >= 3 })
	require.Zero(t, again.events.count(grapevine.Resync))
}

func TestReconcileResumesItsScan(t *testing.T) {
	env := realtest.New(t)
	cut := cutShort(t, env)
	again := newRig(t, env)
	again.start(t)
	require.Equal(t, []string{"000000000000000000000001"}, again.backfill.after)
	require.Equal(t, cut.events.all()[0].Position, again.events.all()[0].Position, "T0 is chosen once")
	gaps, err := Gaps(context.Background(), again.db)
	require.NoError(t, err)
	require.Len(t, gaps, 1)
	require.Equal(t, GapDone, gaps[0].State)
}

func TestReconcileStartsAgainIfItsTasksAreGone(t *testing.T) {
	for name, lose := range map[string]func(*rig) error{
		"Redis was emptied": func(r *rig) error { return r.rdb.FlushDB(context.Background()).Err() },
		"on another server": func(r *rig) error {
			return r.rdb.Set(context.Background(), r.Prefix+grapevine.KeyReconcile, "x/y", 0).Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := realtest.New(t)
			cut := cutShort(t, env)
			require.NoError(t, lose(cut))
			again := newRig(t, env)
			again.start(t)
			require.Equal(t, []string{""}, again.backfill.after)
			require.Equal(t, cut.events.all()[0].Position, again.events.all()[0].Position, "T0 is chosen once")
		})
	}
}

// cutShort runs a reconcile whose scan fails twice after one contact.
func cutShort(t *testing.T, env realtest.Env) *rig {
	t.Helper()
	r := newRig(t, env)
	r.start(t)
	r.stop()
	require.NoError(t, r.rdb.Del(context.Background(), r.Prefix+grapevine.KeyCheckpoint).Err())

	cut := newRig(t, env)
	cut.backfill.fail = errors.New("the scan is cut short")
	cut.run(t)
	eventually(t, "two tries", func() bool {
		cut.backfill.mu.Lock()
		defer cut.backfill.mu.Unlock()
		return len(cut.backfill.after) >= 2
	})
	cut.stop()
	require.Equal(t, []string{"", "000000000000000000000001"}, cut.backfill.after[:2])
	return cut
}

func TestUnreachableRedisIsNoLostCheckpoint(t *testing.T) {
	r := newRig(t, realtest.New(t))
	closed := newRig(t, realtest.New(t)).rdb
	require.NoError(t, closed.Close())
	cp := &checkpoints{rdb: closed, key: r.Prefix + grapevine.KeyCheckpoint}
	_, err := cp.load(context.Background())
	require.Error(t, err)
	require.NotErrorIs(t, err, errUndecodable)
	none, err := r.checkpoints.load(context.Background())
	require.NoError(t, err)
	require.Nil(t, none)
}
