package events

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// trimSoon lets the next append trim.
func (w *harness) trimSoon() { w.log.trimmer.last = time.Time{} }

func TestTrimByTheEntriesOwnTime(t *testing.T) {
	w := newHarness(t, Config{Retention: time.Minute})
	var ids []string
	for second := range uint32(100) {
		c := w.created(int(second))
		c.Position = grapevine.NewPosition(testSecond+second, 0, 0)
		ids = append(ids, c.Position.String())
		w.trimSoon()
		w.apply(c)
	}
	require.Equal(t, ids[39:], w.ids())
}

func TestTrimByCount(t *testing.T) {
	w := newHarness(t, Config{MaxEntries: 10})
	for n := range 30 {
		w.trimSoon()
		w.apply(w.created(n))
	}
	require.Len(t, w.ids(), 10)
}

func TestTrimByMemory(t *testing.T) {
	w := newHarness(t, Config{MaxBytes: 1 << 20})
	for n := range 300 {
		c := w.created(n)
		c.After.Notes = strings.Repeat("n", 10_000)
		w.trimSoon()
		w.apply(c)
	}
	stats, err := w.log.Stats(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, stats.Bytes, int64(1<<20)+40_000)
	require.Greater(t, stats.Entries, int64(50))
	require.Equal(t, stats.First.String(), w.ids()[0])
	require.Equal(t, stats.Last.String(), w.ids()[len(w.ids())-1])
}

func TestTrimAtMostOnceASecond(t *testing.T) {
	w := newHarness(t, Config{MaxEntries: 10})
	w.apply(w.created(0))
	for n := range 30 {
		w.apply(w.created(n))
	}
	require.Len(t, w.ids(), 32)
}

// A full Redis refuses writes. No change is skipped: the same batch succeeds when Redis has memory again.
func TestOutOfMemory(t *testing.T) {
	w := newHarness(t, Config{})
	w.apply(w.created(0))
	ctx := context.Background() // the test's context ends before its cleanups run
	require.NoError(t, w.rdb.ConfigSet(ctx, "maxmemory", "1").Err())
	t.Cleanup(func() { require.NoError(t, w.rdb.ConfigSet(ctx, "maxmemory", "0").Err()) })
	batch := []grapevine.Change{w.created(1), w.created(2)}
	require.ErrorContains(t, w.log.Apply(ctx, w.batch(batch)), "OOM")
	require.Len(t, w.ids(), 2)
	require.NoError(t, w.rdb.ConfigSet(ctx, "maxmemory", "0").Err())
	w.apply(batch...)
	require.Len(t, w.ids(), 4)
}

func TestAMissingLogHasNoStats(t *testing.T) {
	stats, err := newHarness(t, Config{}).log.Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats)
}
