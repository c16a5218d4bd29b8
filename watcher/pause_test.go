package watcher

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// Whoever takes the lease knows of a pause before it could apply anything. It once learned of it from
// a goroutine beside, and a few batches could slip through.
func TestANewHolderBeginsPaused(t *testing.T) {
	r := newRig(t, realtest.New(t))
	_, err := commands(r.db).InsertOne(t.Context(), Command{ID: bson.NewObjectID(), Name: CommandPause, State: CommandDone})
	require.NoError(t, err)
	s := &session{Watcher: r.Watcher, lease: newLease(r.rdb, r.Prefix+grapevine.KeyLease, "test", r.log)}
	require.NoError(t, s.begin(t.Context()))
	require.True(t, r.paused.Load())
}

// A pause holds everything, also what a lost checkpoint asks for: whoever paused the pipeline because its
// jobs did harm must not see a reconcile enqueue them all.
func TestAPauseHoldsAReconcile(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	r.stop()
	walks := func() int {
		r.ledger.mu.Lock()
		defer r.ledger.mu.Unlock()
		return r.ledger.reconciled + r.ledger.preexisted
	}
	walked, told := walks(), r.events.count(grapevine.Resync)
	require.NoError(t, r.rdb.Del(context.Background(), r.Prefix+grapevine.KeyCheckpoint).Err())
	pause := Command{ID: bson.NewObjectID(), Name: CommandPause, State: CommandDone}
	_, err := commands(r.db).InsertOne(context.Background(), pause)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	state := func() State {
		s, err := r.Status(context.Background())
		require.NoError(t, err)
		return s.State
	}
	eventually(t, "it is paused", func() bool { return state() == Paused })
	require.Equal(t, walked, walks())
	require.Equal(t, told, r.events.count(grapevine.Resync))
	_, err = submit(t, r, Command{Name: CommandResume})
	require.NoError(t, err)
	r.streaming(t)
	require.Equal(t, walked+1, walks())
	require.Equal(t, told+1, r.events.count(grapevine.Resync))
}

// A pause also ends a reconcile that is under way, and the resume takes it up where it was.
func TestAPauseInterruptsAReconcile(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	r.stop()
	r.ledger.set(false)
	require.NoError(t, r.rdb.Del(context.Background(), r.Prefix+grapevine.KeyCheckpoint).Err())
	var once sync.Once
	r.Crash = func(point string) {
		if point == "mid-reconcile" {
			once.Do(func() {
				_, err := commands(r.db).InsertOne(context.Background(), Command{ID: bson.NewObjectID(), Name: CommandPause, State: CommandDone})
				assert.NoError(t, err)
				r.paused.Store(true)
			})
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	eventually(t, "it is paused", func() bool {
		s, err := r.Status(context.Background())
		return err == nil && s.State == Paused
	})
	gaps, err := Gaps(context.Background(), r.db)
	require.NoError(t, err)
	require.Equal(t, "open", gaps[0].State)
	_, err = submit(t, r, Command{Name: CommandResume})
	require.NoError(t, err)
	r.streaming(t)
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	require.Equal(t, []string{"", gaps[0].Walked}, r.ledger.after)
}
