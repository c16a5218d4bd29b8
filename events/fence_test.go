package events

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestOnlyTheLeaseHolderAppends(t *testing.T) {
	w := newHarness(t, Config{})
	*w.fence = grapevine.Fence{LeaseKey: "lease", Nonce: "mine"}
	batch := []grapevine.Change{w.created(1)}
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch(batch)), grapevine.ErrFenced, "no instance holds the lease")
	require.NoError(t, w.rdb.Set(t.Context(), "lease", "another's", 0).Err())
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch(batch)), grapevine.ErrFenced)
	require.Empty(t, w.ids())
	require.NoError(t, w.rdb.Set(t.Context(), "lease", "mine", 0).Err())
	w.apply(batch...)
	require.Len(t, w.ids(), 2)
}

// fenced is a harness whose batches are fenced by a lease.
func fenced(t *testing.T) (*harness, *grapevine.Fence) {
	t.Helper()
	w := newHarness(t, Config{})
	*w.fence = grapevine.Fence{LeaseKey: "lease", Nonce: "mine"}
	require.NoError(t, w.rdb.Set(t.Context(), w.fence.LeaseKey, w.fence.Nonce, 0).Err())
	return w, w.fence
}

// Redis lost the end of the log. An append would hide the missing entries.
func TestALostTailIsNoticed(t *testing.T) {
	w, fence := fenced(t)
	one, two, three := w.created(1), w.created(2), w.created(3)
	w.apply(one, two)
	fence.Applied = two.Position
	w.loseTail(one.Position)
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{three})), grapevine.ErrTailLost)
	require.Len(t, w.ids(), 2)

	fence.Applied = one.Position // the checkpoint was lost too
	w.apply(two, three)
	require.Equal(t, three.Position.String(), w.ids()[3])
}

// The end is lost between two batches of one lease.
func TestATailLostUnderTheSameLeaseIsNoticed(t *testing.T) {
	w, fence := fenced(t)
	one, two := w.created(1), w.created(2)
	w.apply(one)
	w.loseTail(one.Position.Previous())
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{two})), grapevine.ErrTailLost)
	fence.Applied = one.Position.Previous()
	w.apply(one, two)
}

// Only entries of the current batch are lost. The watcher repeats the batch, so nothing is missing.
func TestARepeatedBatchIsAppendedAgain(t *testing.T) {
	w, fence := fenced(t)
	zero, one, two := w.created(1), w.created(2), w.created(3)
	w.apply(zero)
	w.apply(one)
	fence.Applied = zero.Position // the checkpoint has not moved
	w.loseTail(one.Position.Previous())
	w.apply(one, two)
	ids := w.ids()
	require.Equal(t, []string{one.Position.String(), two.Position.String()}, ids[len(ids)-2:])
}

func TestAMissingLogIsALostTail(t *testing.T) {
	w, fence := fenced(t)
	one, two := w.created(1), w.created(2)
	w.apply(one)
	fence.Applied = one.Position
	require.NoError(t, w.rdb.Del(t.Context(), w.log.key).Err())
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{two})), grapevine.ErrTailLost)

	restart := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position(), Reason: "Redis was emptied"}
	three := w.created(3)
	w.apply(restart, three)
	require.Equal(t, []string{restart.Position.String(), three.Position.String()}, w.ids())
}

// Entries after a new start belong to another cluster, and are deleted. A repeat of the same start keeps
// the entries after it.
func TestARestartDeletesLaterEntries(t *testing.T) {
	w, fence := fenced(t)
	other := w.created(9)
	other.Position = grapevine.NewPosition(testSecond+1000, 0, 0)
	w.apply(other)
	fence.Applied = other.Position

	restart := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position(), Reason: "another replica set"}
	one := w.created(1)
	w.apply(restart)
	fence.Applied = restart.Position
	w.apply(one)
	w.apply(restart, one)
	require.Equal(t, []string{restart.Position.String(), one.Position.String()}, w.ids())
	require.EqualValues(t, 2, w.log.metrics.repeated.Load())
}

func TestARestartKeepsOlderEntries(t *testing.T) {
	w, _ := fenced(t)
	one := w.created(1)
	w.apply(one)
	restart := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position()}
	w.apply(restart)
	require.Len(t, w.ids(), 3)
}

// loseTail removes the entries after last, as a failover does.
func (w *harness) loseTail(last grapevine.Position) {
	w.t.Helper()
	ctx := w.t.Context()
	found, err := w.rdb.XRange(ctx, w.log.key, "-", last.String()).Result()
	require.NoError(w.t, err)
	pipe := w.rdb.TxPipeline()
	pipe.Del(ctx, w.log.key)
	for _, m := range found {
		args := []any{"xadd", w.log.key, m.ID}
		for k, v := range m.Values {
			args = append(args, k, v)
		}
		pipe.Do(ctx, args...)
	}
	_, err = pipe.Exec(ctx)
	require.NoError(w.t, err)
}
