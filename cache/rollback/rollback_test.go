package rollback

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

func version(generation string, purgeCount, position uint64) Version {
	return Version{generation, purgeCount, grapevine.Position{Time: position}}
}

func newDetector() *Detector { return New(time.Minute, slog.New(slog.DiscardHandler)) }

func TestAccept(t *testing.T) {
	type step struct {
		version  Version
		seconds  int
		accepted bool
	}
	for name, steps := range map[string][]step{
		"both figures grow": {
			{version("a", 0, 0), 0, true},
			{version("a", 0, 5), 1, true},
			{version("a", 1, 5), 2, true},
			{version("a", 2, 6), 3, true},
		},
		"the position falls and recovers": {
			{version("a", 0, 5), 0, true},
			{version("a", 0, 4), 1, false},
			{version("a", 0, 4), 2, false},
			{version("a", 0, 5), 3, true},
			{version("a", 0, 4), 4, false},
		},
		"a purge is lost at the same position": {
			{version("a", 1, 5), 0, true},
			{version("a", 0, 5), 1, false},
			{version("a", 0, 9), 2, false},
			{version("a", 1, 9), 3, true},
		},
		"a new generation begins at a lower position": {
			{version("a", 3, 5), 0, true},
			{version("b", 0, 1), 1, true},
			{version("b", 0, 2), 2, true},
		},
		"the beginning of a generation is lost": {
			{version("a", 0, 5), 0, true},
			{version("b", 0, 1), 1, true},
			{version("a", 0, 5), 2, false},
			{version("a", 9, 9), 3, false},
			{version("c", 0, 1), 4, true},
			{version("a", 9, 9), 5, false},
			{version("b", 9, 9), 6, false},
		},
		"the lost invalidations are never repeated": {
			{version("a", 1, 5), 0, true},
			{version("a", 0, 4), 100, false},
			{version("a", 0, 4), 159, false},
			{version("a", 0, 4), 160, true},
			{version("a", 0, 4), 161, true},
			{version("a", 0, 3), 162, false},
			{version("a", 0, 3), 221, false},
			{version("a", 0, 3), 222, true},
		},
		"the lost generation never begins again": {
			{version("a", 0, 5), 0, true},
			{version("b", 0, 5), 0, true},
			{version("a", 0, 5), 1, false},
			{version("a", 0, 6), 61, true},
			{version("a", 0, 7), 62, true},
			{version("a", 0, 6), 63, false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, start := newDetector(), time.Now()
			for i, s := range steps {
				got := d.Accept(d.Snapshot(), s.version, start.Add(time.Duration(s.seconds)*time.Second))
				require.Equal(t, s.accepted, got, "step %d: %+v", i, s)
			}
		})
	}
}

// A process may read two replies in another order than Redis sent them.
func TestReorderedRepliesAreNoRollback(t *testing.T) {
	d, now := newDetector(), time.Now()
	require.True(t, d.Accept(d.Snapshot(), version("a", 0, 1), now))
	asked := d.Snapshot()
	require.True(t, d.Accept(asked, version("a", 1, 9), now))
	require.True(t, d.Accept(asked, version("a", 0, 5), now))
	require.False(t, d.Accept(d.Snapshot(), version("a", 0, 5), now))
	require.True(t, d.Accept(asked, version("b", 0, 1), now))
	require.True(t, d.Accept(asked, version("a", 1, 9), now), "the request was sent before b began")
	require.False(t, d.Accept(d.Snapshot(), version("a", 1, 9), now))
}

// A process learns of a generation when it knows the next one already. This must not end the next one.
func TestAGenerationSeenLateRetiresNothing(t *testing.T) {
	d, now := newDetector(), time.Now()
	require.True(t, d.Accept(d.Snapshot(), version("a", 0, 1), now))
	asked := d.Snapshot()
	require.True(t, d.Accept(d.Snapshot(), version("c", 0, 1), now))
	require.True(t, d.Accept(asked, version("b", 0, 1), now))
	require.True(t, d.Accept(d.Snapshot(), version("c", 0, 1), now))
	var none Snapshot
	require.True(t, d.Accept(none, version("d", 0, 1), now))
	require.True(t, d.Accept(d.Snapshot(), version("c", 0, 1), now))
}

func TestOldGenerationsAreForgotten(t *testing.T) {
	d, now := newDetector(), time.Now()
	for i := range 3 * maxRetired {
		require.True(t, d.Accept(d.Snapshot(), version(strconv.Itoa(i), 0, 1), now))
	}
	require.Len(t, d.mark.Load().retired, maxRetired)
	require.False(t, d.Accept(d.Snapshot(), version(strconv.Itoa(3*maxRetired-2), 0, 1), now))
}
