package realtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAllowStretchesALimitOnASlowMachine(t *testing.T) {
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		slowness
		want time.Duration
	}{
		"before the first probe":                   {slowness{}, 100 * ms},
		"an idle machine":                          {slowness{probes: 10, working: 10 * ms}, 100 * ms},
		"work that is quicker than at calibration": {slowness{probes: 10, working: 9 * ms}, 100 * ms},
		"work that takes three times as long":      {slowness{probes: 10, working: 30 * ms}, 300 * ms},
		"a machine that stood still":               {slowness{probes: 10, working: 10 * ms, late: 70 * ms}, 170 * ms},
	} {
		require.Equal(t, test.want, test.allow(100*ms, ms), name)
	}
}

func TestStopwatchMeasuresUntilItIsStopped(t *testing.T) {
	s := StartStopwatch(t)
	time.Sleep(3 * probeSleep)
	require.GreaterOrEqual(t, s.Elapsed(), 3*probeSleep)
	took := s.Stop()
	require.GreaterOrEqual(t, took, 3*probeSleep)
	require.Equal(t, took, s.Elapsed(), "a stopped stopwatch stands still")
	require.Equal(t, took, s.Stop())
	require.GreaterOrEqual(t, s.Allow(time.Second), time.Second)
}

func TestQuickestIsTheShortestRun(t *testing.T) {
	waits := []time.Duration{50 * time.Millisecond, 0, 50 * time.Millisecond}
	n := 0
	took := Quickest(len(waits), func() { time.Sleep(waits[n]); n++ })
	require.Equal(t, 3, n)
	require.Less(t, took, waits[0])
}
