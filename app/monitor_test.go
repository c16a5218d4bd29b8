package app

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/events"
	"grapevine/jobs"
	"grapevine/watcher"
)

// What the pages read by name must be in the frame under that name: JSON of ours is camelCase.
func TestStatsFrameIsCamelCase(t *testing.T) {
	text, err := json.Marshal(statsFrame{Cache: cache.Stats{}, Queues: []jobs.QueueSize{{}}, History: &events.Stats{}})
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
	p := &monitor{traces: make(chan sampledTrace, 2)}
	batch := make([]grapevine.Change, 1000)
	batch[0].Op = grapevine.Heartbeat
	for range 5 {
		p.trace(watcher.Trace{Changes: batch})
	}
	require.Len(t, p.traces, 2)
	few := <-p.traces
	require.Len(t, few.Changes, maxTraces)
	require.Equal(t, 1000, few.batchSize)
	require.EqualValues(t, 5*999-2*maxTraces, p.traceFrame(few.Changes[0], few).SampledOut)
	require.Zero(t, p.traceFrame(few.Changes[0], few).SampledOut)
}

// The pipeline window shows what came and what went, and of an update what differs.
func TestDiffShowsWhatChanged(t *testing.T) {
	ada := &grapevine.Contact{ID: "1", Workspace: "default", Kind: grapevine.Person, FirstName: "Ada", Notes: "met", Tags: []string{}}
	ada.FullName = "Ada"
	eve := *ada
	eve.FirstName = "Eve"
	for name, test := range map[string]struct {
		change grapevine.Change
		want   string
	}{
		"created":                  {grapevine.Change{Op: grapevine.Created, After: ada}, `{"firstName":[null,"Ada"],"kind":[null,"person"],"notes":[null,"met"]}`},
		"deleted":                  {grapevine.Change{Op: grapevine.Deleted, Before: ada}, `{"firstName":["Ada",null],"kind":["person",null],"notes":["met",null]}`},
		"updated":                  {grapevine.Change{Op: grapevine.Updated, Before: ada, After: &eve, Changed: []string{"firstName"}}, `{"firstName":["Ada","Eve"]}`},
		"updated, nobody knows of": {grapevine.Change{Op: grapevine.Updated, After: ada, Changed: []string{"notes"}}, `null`},
		"deleted, nobody knows of": {grapevine.Change{Op: grapevine.Deleted}, `{}`},
		"dropped":                  {grapevine.Change{}, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(diff(test.change))
			require.NoError(t, err)
			require.JSONEq(t, test.want, string(text))
		})
	}
}
