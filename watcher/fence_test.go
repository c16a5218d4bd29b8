package watcher

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestCheckpointMovesOnlyUnderTheLeaseAndFromWhatIsKnown(t *testing.T) {
	ctx := context.Background()
	rdb := realtest.New(t).Redis(t)
	c := &checkpoints{rdb: rdb, key: "c", leaseKey: "l"}
	at := func(n uint32) checkpoint { return checkpoint{Position: grapevine.At(n, 1, 0), ReplicaSet: "r"} }
	one, two, three := at(1), at(2), at(3)
	server, err := c.server(ctx)
	require.NoError(t, err)
	require.Len(t, server, 40)

	require.ErrorIs(t, c.save(ctx, "a", server, nil, one), grapevine.ErrFenced, "nobody holds the lease")
	require.NoError(t, rdb.Set(ctx, "l", "a", 0).Err())
	require.NoError(t, c.save(ctx, "a", server, nil, one))
	require.NoError(t, c.save(ctx, "a", server, &one, two))
	require.NoError(t, c.save(ctx, "a", server, &one, two), "the answer to the first try was lost")
	require.ErrorIs(t, c.save(ctx, "b", server, &two, three), grapevine.ErrFenced)
	require.ErrorIs(t, c.save(ctx, "a", "another", &two, three), errRestarted, "it may have lost the effects")
	require.NoError(t, rdb.HSet(ctx, "c", "position", one.Position.String()).Err()) // Redis lost its tail
	require.ErrorIs(t, c.save(ctx, "a", server, &two, three), grapevine.ErrTailLost)
	require.ErrorIs(t, c.save(ctx, "a", "another", &two, three), grapevine.ErrTailLost)
	got, err := c.load(ctx)
	require.NoError(t, err)
	require.Equal(t, one.Position, got.Position)
}

func TestPausedHolderThatWakesUpMovesNothing(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	r.start(t)
	ctx := context.Background()
	require.NoError(t, r.rdb.Set(ctx, r.Prefix+grapevine.KeyLease, "another/holder", time.Minute).Err()) // what a standby does after the lease expired
	eventually(t, "it stands by", func() bool {
		s, err := r.Status(ctx)
		return err == nil && s.State == Standby && !s.Holder && s.Error == ""
	})
	// From here on no save of its can pass, whatever it still had in hand.
	s := &session{Watcher: r.Watcher, lease: &lease{nonce: "the one it had"}, known: &checkpoint{}}
	b := batch{changes: []grapevine.Change{{Op: grapevine.Heartbeat, Position: grapevine.At(1, 1, 0)}}, seen: time.Now()}
	require.ErrorIs(t, s.apply(ctx, b), grapevine.ErrFenced)
	require.Equal(t, "another/holder", r.rdb.Get(ctx, r.Prefix+grapevine.KeyLease).Val(), "another's lease is not released")
}

func TestLease(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	rdb := realtest.New(t).Redis(t)
	log := slog.New(slog.DiscardHandler)
	a, b := newLease(rdb, "l", "one", log), newLease(rdb, "l", "two", log)
	held, ok, err := a.acquire(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	_, ok, err = a.acquire(ctx)
	require.NoError(t, err)
	require.True(t, ok, "the answer to the first try may have been lost")
	_, ok, err = b.acquire(ctx)
	require.NoError(t, err)
	require.False(t, ok)
	b.release(ctx)
	require.Equal(t, a.nonce, rdb.Get(ctx, "l").Val())

	lost := make(chan error, 1)
	go func() { lost <- a.keep(ctx, held) }()
	require.NoError(t, rdb.Set(ctx, "l", b.nonce, 0).Err())
	select {
	case err := <-lost:
		require.Error(t, err)
	case <-time.After(2 * leaseRenew):
		t.Fatal("a lost lease was not noticed")
	}
	go func() { lost <- a.keep(ctx, time.Now().Add(leaseTTL)) }()
	cancel()
	require.NoError(t, <-lost, "a cancelled context is no error")
}
