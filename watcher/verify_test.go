package watcher

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestVerifyRedis(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, realtest.New(t))
	require.ErrorContains(t, r.VerifyRedis(ctx), "no checkpoint yet")
	r.start(t)
	require.NoError(t, r.VerifyRedis(ctx))
	r.stop()
	require.NoError(t, r.VerifyRedis(ctx), "the checkpoint is ours, even if no watcher runs")

	lease, checkpoint := r.Prefix+grapevine.KeyLease, r.Prefix+grapevine.KeyCheckpoint
	require.NoError(t, r.rdb.Set(ctx, lease, newNonce("host:1", "another"), time.Minute).Err())
	err := r.VerifyRedis(ctx)
	require.ErrorIs(t, err, ErrRedisInUse)
	require.ErrorContains(t, err, "host:1 follows database "+r.db.Name()+" of replica set another")

	require.NoError(t, r.rdb.Del(ctx, lease).Err())
	require.NoError(t, r.rdb.HSet(ctx, checkpoint, fieldReplicaSet, "another").Err())
	err = r.VerifyRedis(ctx)
	require.ErrorContains(t, err, "has to reconcile first")
	require.NotErrorIs(t, err, ErrRedisInUse, "the other watcher no longer runs")
}

func TestReadStatus(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, realtest.New(t))
	status, err := ReadStatus(ctx, r.rdb, r.Prefix)
	require.NoError(t, err)
	require.Zero(t, status)
	r.start(t)
	status, err = ReadStatus(ctx, r.rdb, r.Prefix)
	require.NoError(t, err)
	instance, replicaSet, ok := parseNonce(status.Lease)
	require.True(t, ok)
	require.Equal(t, r.Instance, instance)
	require.Equal(t, replicaSet, status.ReplicaSet)
	require.NotEmpty(t, status.SavedAt)
	_, err = grapevine.ParsePosition(status.Position)
	require.NoError(t, err)
}
