package watcher

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// /readyz and `grapevine gaps --json` show the times of a gap as all JSON of the product does.
func TestGapAsJSON(t *testing.T) {
	started := time.UnixMilli(1_700_000_000_100)
	finished := started.Add(900 * time.Millisecond)
	for want, gap := range map[string]Gap{
		`"seen":7,"touched":0,"startedAt":"2023-11-14T22:13:20.100Z"}`:                                         {Seen: 7, StartedAt: started},
		`"seen":7,"touched":0,"startedAt":"2023-11-14T22:13:20.100Z","finishedAt":"2023-11-14T22:13:21.000Z"}`: {Seen: 7, StartedAt: started, FinishedAt: &finished},
	} {
		text, err := json.Marshal(&gap)
		require.NoError(t, err)
		require.Contains(t, string(text), want)
		require.Contains(t, string(text), `"state":""`)
	}
}
