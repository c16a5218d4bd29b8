package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

// What the pages read by name must be in the frame under that name: JSON of ours is camelCase.
func TestStatsFrameIsCamelCase(t *testing.T) {
	text, err := json.Marshal(statsFrame{Cache: cache.Stats{}, Queues: []jobs.QueueSize{{}}, History: &ws.HistoryStats{}})
	require.NoError(t, err)
	var frame map[string]any
	require.NoError(t, json.Unmarshal(text, &frame))
	for _, name := range []string{"hits", "misses", "bypassed", "forgotten"} {
		require.Contains(t, frame["cache"], name)
	}
	requireCamelCase(t, frame)
}

func requireCamelCase(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			require.Regexp(t, "^[a-z][A-Za-z]*$", name)
			requireCamelCase(t, inner)
		}
	case []any:
		for _, inner := range v {
			requireCamelCase(t, inner)
		}
	}
}

// While nobody takes the traces they hold a bounded number of changes, and every one left out is counted.
func TestTracesAreBounded(t *testing.T) {
	p := &pulse{traces: make(chan traced, 2)}
	batch := make([]grapevine.Change, 1000)
	batch[0].Op = grapevine.Heartbeat
	for range 5 {
		p.trace(watcher.Trace{Changes: batch})
	}
	require.Len(t, p.traces, 2)
	few := <-p.traces
	require.Len(t, few.Changes, tracesMost)
	require.Equal(t, 1000, few.batch)
	require.EqualValues(t, 5*999-2*tracesMost, p.frame(few.Changes[0], few).Omitted)
	require.Zero(t, p.frame(few.Changes[0], few).Omitted)
}
