package events

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// ids are the ids of the log, oldest first.
func (w *harness) ids() []string {
	w.t.Helper()
	found, err := w.rdb.XRange(w.t.Context(), w.log.key, "-", "+").Result()
	require.NoError(w.t, err)
	var list []string
	for _, m := range found {
		list = append(list, m.ID)
	}
	return list
}

func TestAppendIsIdempotentAndBeginsWithAResync(t *testing.T) {
	w := newHarness(t, Config{})
	var batch []grapevine.Change
	for i := range 1200 {
		batch = append(batch, w.created(i))
	}
	w.apply(batch...)
	ids := w.ids()
	require.Len(t, ids, 1201)
	require.Equal(t, batch[0].Position.Previous().String(), ids[0])
	first, err := w.rdb.XRangeN(t.Context(), w.log.key, "-", "+", 1).Result()
	require.NoError(t, err)
	require.Equal(t, "resync", first[0].Values["op"])
	for i, c := range batch {
		require.Equal(t, c.Position.String(), ids[i+1])
	}
	w.apply(batch...)
	w.apply(batch[700:]...)
	require.Len(t, w.ids(), 1201)
	require.EqualValues(t, 1700, w.log.metrics.repeated.Load())
	w.apply()
}

func TestAppendLargeEntries(t *testing.T) {
	w := newHarness(t, Config{})
	var batch []grapevine.Change
	for i := range 60 { // 3.6 MB: several scripts
		c := w.created(i)
		c.After.Notes = strings.Repeat("n", 60_000)
		batch = append(batch, c)
	}
	w.apply(batch...)
	require.Len(t, w.ids(), 61)
}

func TestChangesBeforeADeadLetterAreAppended(t *testing.T) {
	w := newHarness(t, Config{})
	batch := []grapevine.Change{w.created(1), w.created(2), w.created(3)}
	batch[1].After.CreatedAt.Time = time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)
	err := w.log.Apply(t.Context(), w.batch(batch))
	var dead *grapevine.DeadLetter
	require.ErrorAs(t, err, &dead)
	require.Equal(t, batch[1].Position, dead.Position)
	require.Len(t, w.ids(), 2)
}

func TestAKeyOfAnotherTypeIsOneClearError(t *testing.T) {
	w := newHarness(t, Config{})
	require.NoError(t, w.rdb.Set(t.Context(), w.log.key, "not a stream", 0).Err())
	batch := w.batch([]grapevine.Change{w.created(1)})
	require.ErrorContains(t, w.log.Apply(t.Context(), batch), `"events"`)
	_, _, _, err := w.log.Count(t.Context(), "default", time.Unix(0, 0), time.Unix(60, 0))
	require.ErrorContains(t, err, `"events"`)
	_, err = w.reader.After(t.Context(), grapevine.Position{}, 10)
	require.ErrorContains(t, err, `"events"`)
}

func TestRepeatsOfTrimmedEntriesAreSkipped(t *testing.T) {
	w := newHarness(t, Config{})
	one, two := w.created(1), w.created(2)
	w.apply(one, two)
	w.apply(one, two)
	require.NoError(t, w.rdb.XTrimMaxLen(t.Context(), w.log.key, 1).Err())
	w.apply(one, two)
	require.Equal(t, []string{two.Position.String()}, w.ids())
	require.EqualValues(t, 4, w.log.metrics.repeated.Load())
}

// No entry after a failed one is appended.
func TestAFailedAppendLeavesAPrefix(t *testing.T) {
	w := newHarness(t, Config{})
	batch := []grapevine.Change{w.created(1), w.created(2), w.created(3)}
	good := batch[1].Position
	batch[1].Position = grapevine.Position{} // Redis refuses 0-0, and not as a repeat
	require.ErrorContains(t, w.log.Apply(t.Context(), w.batch(batch)), "greater than 0-0")
	require.Len(t, w.ids(), 2)
	batch[1].Position = good
	w.apply(batch...)
	require.Len(t, w.ids(), 4)
}

func TestCount(t *testing.T) {
	w := newHarness(t, Config{})
	at := func(second uint32, c grapevine.Change) grapevine.Change {
		c.Position = grapevine.NewPosition(testSecond+second, w.next, 0)
		w.next++
		return c
	}
	moved := grapevine.Change{Op: grapevine.Updated, Before: person(3), After: person(3), ID: person(3).ID}
	moved.After.Workspace = "sales"
	w.apply(
		at(0, w.created(1)), at(59, w.created(2)), at(60, w.created(3)), at(60, w.heartbeat()),
		at(70, grapevine.Change{Op: grapevine.Updated, Before: person(1), After: person(1), ID: person(1).ID}),
		at(80, moved),
		at(119, grapevine.Change{Op: grapevine.Deleted, Before: person(2), ID: person(2).ID}),
		at(120, w.created(4)),
	)
	minute := func(n int64) (time.Time, time.Time) {
		from := time.Unix(testSecond+60*n, 0)
		return from, from.Add(time.Minute)
	}
	for range 2 { // the second time from memory
		from, to := minute(1)
		created, updated, deleted, err := w.log.Count(t.Context(), "default", from, to)
		require.NoError(t, err)
		require.Equal(t, []int64{1, 1, 2}, []int64{created, updated, deleted})
		created, updated, deleted, err = w.log.Count(t.Context(), "sales", from, to)
		require.NoError(t, err)
		require.Equal(t, []int64{1, 0, 0}, []int64{created, updated, deleted})
	}
	from, to := minute(2)
	created, _, _, err := w.log.Count(t.Context(), "default", from, to)
	require.NoError(t, err)
	require.EqualValues(t, 1, created)
	w.apply(at(130, w.created(5)))
	created, _, _, err = w.log.Count(t.Context(), "default", from, to)
	require.NoError(t, err)
	require.EqualValues(t, 2, created, "the counts of an unfinished minute are not kept")

	require.NoError(t, w.rdb.XTrimMaxLen(t.Context(), w.log.key, 1).Err())
	_, _, _, err = w.log.Count(t.Context(), "default", from, to)
	require.ErrorIs(t, err, grapevine.ErrPartial)
}
