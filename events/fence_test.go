package events

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func TestOnlyTheLeaseHolderAppends(t *testing.T) {
	w := newWorld(t, Config{})
	*w.fence = grapevine.Fence{LeaseKey: "lease", Nonce: "mine"}
	batch := []grapevine.Change{w.created(1)}
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch(batch)), grapevine.ErrFenced, "no lease at all")
	require.NoError(t, w.rdb.Set(t.Context(), "lease", "another's", 0).Err())
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch(batch)), grapevine.ErrFenced)
	require.Empty(t, w.ids())
	require.NoError(t, w.rdb.Set(t.Context(), "lease", "mine", 0).Err())
	w.apply(batch...)
	require.Len(t, w.ids(), 2)
}

// fenced is a world whose watcher stands at applied.
func fenced(t *testing.T) (*world, *grapevine.Fence) {
	t.Helper()
	w := newWorld(t, Config{})
	*w.fence = grapevine.Fence{LeaseKey: "lease", Nonce: "mine"}
	require.NoError(t, w.rdb.Set(t.Context(), w.fence.LeaseKey, w.fence.Nonce, 0).Err())
	return w, w.fence
}

// Redis lost the end of the history: an append there would hide the hole.
func TestALostTailIsNoticed(t *testing.T) {
	w, fence := fenced(t)
	one, two, three := w.created(1), w.created(2), w.created(3)
	w.apply(one, two)
	fence.Applied = two.Position
	w.loseTail(one.Position)
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{three})), grapevine.ErrTailLost)
	require.Len(t, w.ids(), 2)

	fence.Applied = one.Position // the checkpoint went back with the history
	w.apply(two, three)
	require.Equal(t, three.Position.String(), w.ids()[3])
}

// The tail goes between an append and the move of Applied: the watcher's word alone would not show it.
func TestATailLostUnderTheSameLeaseIsNoticed(t *testing.T) {
	w, fence := fenced(t)
	one, two := w.created(1), w.created(2)
	w.apply(one)
	w.loseTail(one.Position.Previous())
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{two})), grapevine.ErrTailLost)
	fence.Applied = one.Position.Previous()
	w.apply(one, two)
}

// What is lost is the batch in hand's own, which comes again: nothing is missing then.
func TestABatchThatComesAgainIsAppendedAnew(t *testing.T) {
	w, fence := fenced(t)
	zero, one, two := w.created(1), w.created(2), w.created(3)
	w.apply(zero)
	w.apply(one)
	fence.Applied = zero.Position // the checkpoint did not move
	w.loseTail(one.Position.Previous())
	w.apply(one, two)
	ids := w.ids()
	require.Equal(t, []string{one.Position.String(), two.Position.String()}, ids[len(ids)-2:])
}

func TestAVanishedHistoryIsALostTail(t *testing.T) {
	w, fence := fenced(t)
	one, two := w.created(1), w.created(2)
	w.apply(one)
	fence.Applied = one.Position
	require.NoError(t, w.rdb.Del(t.Context(), w.log.key).Err())
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{two})), grapevine.ErrTailLost)

	anew := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position(), Reason: "Redis was emptied"}
	three := w.created(3)
	w.apply(anew, three)
	require.Equal(t, []string{anew.Position.String(), three.Position.String()}, w.ids())
}

// What lies after a new beginning is of another cluster, and goes; but a repeat of the same beginning
// leaves what followed it.
func TestAHistoryBegunAnew(t *testing.T) {
	w, fence := fenced(t)
	foreign := w.created(9)
	foreign.Position = grapevine.At(testSecond+1000, 0, 0)
	w.apply(foreign)
	fence.Applied = foreign.Position

	anew := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position(), Reason: "another replica set"}
	one := w.created(1)
	w.apply(anew)
	fence.Applied = anew.Position
	w.apply(one)
	w.apply(anew, one)
	require.Equal(t, []string{anew.Position.String(), one.Position.String()}, w.ids())
	require.EqualValues(t, 2, w.log.metrics.repeated.Load())
}

func TestABeginningAfterAnOlderHistoryKeepsIt(t *testing.T) {
	w, _ := fenced(t)
	one := w.created(1)
	w.apply(one)
	anew := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position()}
	w.apply(anew)
	require.Len(t, w.ids(), 3)
}

// loseTail makes the history end at last, as a failover does.
func (w *world) loseTail(last grapevine.Position) {
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
