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

func TestPausedHolderThatWakesUpMovesNothing(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	r.start(t)
	ctx := context.Background()
	require.NoError(t, r.rdb.Set(ctx, r.Prefix+grapevine.KeyLease, "another/holder", time.Minute).Err()) // as a standby does after the lease expired
	eventually(t, "it stands by", func() bool {
		s, err := r.Status(ctx)
		return err == nil && s.State == Standby && !s.Holder && s.Err == nil
	})
	// From here on it can save nothing, even if it still has a batch.
	s := &session{Watcher: r.Watcher, lease: &lease{nonce: "its old nonce"}, known: &checkpoint{}}
	b := batch{readAt: time.Now(), position: grapevine.NewPosition(1, 1, 0)}
	b.add(r.streams.contacts, grapevine.Change{Op: grapevine.Heartbeat, Position: b.position})
	require.ErrorIs(t, s.apply(ctx, &b), grapevine.ErrFenced)
	require.Equal(t, "another/holder", r.rdb.Get(ctx, r.Prefix+grapevine.KeyLease).Val(), "it does not release the lease of another instance")
}

func TestLease(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	rdb := realtest.New(t).Redis(t)
	log := slog.New(slog.DiscardHandler)
	a, b := newLease(rdb, "l", "one", "rs", log), newLease(rdb, "l", "two", "rs", log)
	ok, err := a.acquire(ctx)
	require.NoError(t, err)
	require.True(t, ok)
	ok, err = a.acquire(ctx)
	require.NoError(t, err)
	require.True(t, ok, "the reply to the first try may have been lost")
	ok, err = b.acquire(ctx)
	require.NoError(t, err)
	require.False(t, ok)
	b.release(ctx)
	require.Equal(t, a.nonce, rdb.Get(ctx, "l").Val())

	lost := make(chan error, 1)
	go func() { lost <- a.keep(ctx) }()
	require.NoError(t, rdb.Set(ctx, "l", b.nonce, 0).Err())
	select {
	case err := <-lost:
		require.Error(t, err)
	case <-time.After(2 * leaseRenew):
		t.Fatal("the holder did not notice that it lost the lease")
	}
	a.expires = time.Now().Add(leaseTTL)
	go func() { lost <- a.keep(ctx) }()
	cancel()
	require.NoError(t, <-lost, "a cancelled context is no error")
}
