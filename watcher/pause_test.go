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

// A new holder of the lease knows of a pause before it applies anything.
func TestANewHolderRespectsAPause(t *testing.T) {
	r := newRig(t, realtest.New(t))
	_, err := commandCollection(r.db).InsertOne(t.Context(), Command{ID: bson.NewObjectID(), Name: CommandPause, State: CommandDone})
	require.NoError(t, err)
	lease, err := r.acquire(t.Context())
	require.NoError(t, err)
	s := &session{Watcher: r.Watcher, lease: lease}
	require.NoError(t, s.start(t.Context()))
	require.True(t, r.paused.Load())
}

// A pause also holds the reconcile after a lost checkpoint: an operator who paused the pipeline because its
// jobs do harm must not see a reconcile enqueue them all.
func TestAPauseHoldsAReconcile(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	r.stop()
	scans := func() int {
		r.backfill.mu.Lock()
		defer r.backfill.mu.Unlock()
		return r.backfill.reconciled + r.backfill.preexisted
	}
	scanned, resyncs := scans(), r.events.count(grapevine.Resync)
	require.NoError(t, r.rdb.Del(context.Background(), r.Prefix+grapevine.KeyCheckpoint).Err())
	pause := Command{ID: bson.NewObjectID(), Name: CommandPause, State: CommandDone}
	_, err := commandCollection(r.db).InsertOne(context.Background(), pause)
	require.NoError(t, err)
	r.run(t)
	eventually(t, "it is paused", r.inState(Paused))
	require.Equal(t, scanned, scans())
	require.Equal(t, resyncs, r.events.count(grapevine.Resync))
	_, err = submit(t, r, Command{Name: CommandResume})
	require.NoError(t, err)
	r.streaming(t)
	require.Equal(t, scanned+1, scans())
	require.Equal(t, resyncs+1, r.events.count(grapevine.Resync))
}

// A pause interrupts a running reconcile, and the resume continues its scan.
func TestAPauseInterruptsAReconcile(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	r.stop()
	require.NoError(t, r.rdb.Del(context.Background(), r.Prefix+grapevine.KeyCheckpoint).Err())
	var once sync.Once
	r.Crash = func(point string) {
		if point == "mid-reconcile" {
			once.Do(func() {
				_, err := commandCollection(r.db).InsertOne(context.Background(), Command{ID: bson.NewObjectID(), Name: CommandPause, State: CommandDone})
				assert.NoError(t, err)
				r.paused.Store(true)
			})
		}
	}
	r.run(t)
	eventually(t, "it is paused", r.inState(Paused))
	gaps, err := Gaps(context.Background(), r.db)
	require.NoError(t, err)
	require.Equal(t, GapOpen, gaps[0].State)
	_, err = submit(t, r, Command{Name: CommandResume})
	require.NoError(t, err)
	r.streaming(t)
	r.backfill.mu.Lock()
	defer r.backfill.mu.Unlock()
	require.Equal(t, []string{"", gaps[0].Scanned}, r.backfill.after)
}
