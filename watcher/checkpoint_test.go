package watcher

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestCheckpointMovesOnlyUnderTheLeaseAndFromTheKnownOne(t *testing.T) {
	ctx := context.Background()
	rdb := realtest.New(t).Redis(t)
	c := &checkpoints{rdb: rdb, key: "c", leaseKey: "l"}
	at := func(n uint32) checkpoint {
		return checkpoint{Position: grapevine.NewPosition(n, 1, 0), ReplicaSet: "r"}
	}
	one, two, three := at(1), at(2), at(3)
	server, err := readServerID(ctx, rdb)
	require.NoError(t, err)
	require.Len(t, server, 40)

	require.ErrorIs(t, c.save(ctx, "a", server, nil, one), grapevine.ErrFenced, "no instance holds the lease")
	require.NoError(t, rdb.Set(ctx, "l", "a", 0).Err())
	require.NoError(t, c.save(ctx, "a", server, nil, one))
	require.NoError(t, c.save(ctx, "a", server, &one, two))
	require.NoError(t, c.save(ctx, "a", server, &one, two), "the reply to the first try was lost")
	require.ErrorIs(t, c.save(ctx, "b", server, &two, three), grapevine.ErrFenced)
	require.ErrorIs(t, c.save(ctx, "a", "another", &two, three), errServerRestarted, "the other server may have lost the effects")
	require.NoError(t, rdb.HSet(ctx, "c", "position", one.Position.String()).Err()) // Redis lost its last writes
	require.ErrorIs(t, c.save(ctx, "a", server, &two, three), grapevine.ErrTailLost)
	require.ErrorIs(t, c.save(ctx, "a", "another", &two, three), grapevine.ErrTailLost)
	got, err := c.load(ctx)
	require.NoError(t, err)
	require.Equal(t, one.Position, got.Position)
}

// A key of another type stops the watcher with an error that names the key. It works on once the key is deleted.
func TestKeyOfAnotherType(t *testing.T) {
	for _, name := range []string{grapevine.KeyLease, grapevine.KeyCheckpoint, grapevine.KeyReconcile} {
		t.Run(name, func(t *testing.T) {
			env := realtest.New(t)
			r := newRig(t, env)
			r.stoppedAfterOne(t)
			ctx, key := context.Background(), r.Prefix+name
			require.NoError(t, r.rdb.Del(ctx, r.Prefix+grapevine.KeyCheckpoint, key).Err())
			require.NoError(t, r.rdb.RPush(ctx, key, "x").Err())

			again := newRig(t, env)
			again.run(t)
			eventually(t, "an error names the key", func() bool {
				again.status.mu.Lock()
				defer again.status.mu.Unlock()
				return strings.Contains(fmt.Sprint(again.status.err), fmt.Sprintf("%q was overwritten with another type", key))
			})
			require.NoError(t, r.rdb.Del(ctx, key).Err())
			again.streaming(t)
		})
	}
}
