package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine/cache"
	"grapevine/jobs"
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
