package app

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/asyncapi"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/wsclient"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

// The page reads the figures by these names.
func TestStatsFrameIsCamelCase(t *testing.T) {
	text, err := json.Marshal(ws.StatsFrame{Cache: cacheFigures(cache.Stats{}), Queues: queueFigures([]jobs.QueueSize{{}}), EventLog: &ws.EventLogFigures{}})
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

// asyncapi.json describes every frame that a running instance sends to the room "pipeline", each by exactly
// one message.
func TestPipelineFramesAreAsDescribed(t *testing.T) {
	doc := asyncapi.Load(t, ws.AsyncAPI)
	i := start(t, realtest.New(t))
	conn, _, err := wsclient.Dial(t.Context(), "ws://"+i.Addr()+"/ws/pipeline")
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	made := i.call("POST", "/contacts", map[string]any{"kind": "person", "firstName": "Ada", "email": "ada@example.org", "tags": []string{"vip"}})
	require.Equal(t, 201, made.Status)
	i.call("PATCH", made.Header.Get("Location"), map[string]any{"notes": "n", "addresses": []any{map[string]any{"city": "Turin"}}})
	i.call("DELETE", made.Header.Get("Location"), nil)
	missing := map[string]bool{"stats": true, "trace": true, "jobCompleted": true}
	for len(missing) > 0 {
		_, frame, err := conn.ReadMessage()
		require.NoError(t, err, "no frame of %v came", missing)
		delete(missing, doc.Match(t, frame))
	}
}

// A failed job is rare in a healthy instance, so its frame is made here.
func TestJobFrameIsAsDescribed(t *testing.T) {
	doc := asyncapi.Load(t, ws.AsyncAPI)
	id, archived := "65f0c0ffee65f0c0ffee65f0", false
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		result jobs.Result
		want   string
	}{
		"jobFailed": {
			jobs.Result{Event: ws.EventJobFailed, Task: "welcome:" + id, Contact: id, Type: "contact:welcome", Attempt: 1, Error: "try later", Archived: &archived, At: at},
			`{"event":"job:failed","room":"pipeline","task":"welcome:` + id + `","id":"` + id + `",
				"type":"contact:welcome","attempt":1,"error":"try later","archived":false,"at":"2026-11-23T00:00:00.000Z"}`,
		},
		"jobCompleted": {
			jobs.Result{Event: ws.EventJobCompleted, Task: "welcome:" + id, Contact: id, Type: "contact:welcome", Attempt: 2, At: at},
			`{"event":"job:completed","room":"pipeline","task":"welcome:` + id + `","id":"` + id + `",
				"type":"contact:welcome","attempt":2,"at":"2026-11-23T00:00:00.000Z"}`,
		},
	} {
		text, err := json.Marshal(jobFrame(test.result))
		require.NoError(t, err)
		require.JSONEq(t, test.want, string(text))
		require.Equal(t, name, doc.Match(t, text))
	}
}

// If no trace is sent, a bounded number of changes is kept, and each dropped change is counted.
func TestTracesAreBounded(t *testing.T) {
	m := &monitor{traces: make(chan sampledTrace, 2)}
	batch := make([]grapevine.Change, 1000)
	batch[0].Op = grapevine.Heartbeat
	for range 5 {
		m.trace(watcher.Trace{Changes: batch})
	}
	require.Len(t, m.traces, 2)
	sampled := <-m.traces
	require.Len(t, sampled.Changes, maxTraces)
	require.Equal(t, 1000, sampled.batchSize)
	require.EqualValues(t, 5*999-2*maxTraces, m.traceFrame(sampled.Changes[0], sampled).SampledOut)
	require.Zero(t, m.traceFrame(sampled.Changes[0], sampled).SampledOut)
}

// The trace of a created or deleted contact shows all its fields, that of an update what differs.
func TestDiffShowsWhatChanged(t *testing.T) {
	ada := &grapevine.Contact{ID: "1", Workspace: "default", Kind: grapevine.Person, FirstName: "Ada", Notes: "met", Tags: []string{}}
	ada.FullName = "Ada"
	eve := *ada
	eve.FirstName = "Eve"
	for name, test := range map[string]struct {
		change grapevine.Change
		want   string
	}{
		"created":                      {grapevine.Change{Op: grapevine.Created, After: ada}, `{"firstName":[null,"Ada"],"kind":[null,"person"],"notes":[null,"met"]}`},
		"deleted":                      {grapevine.Change{Op: grapevine.Deleted, Before: ada}, `{"firstName":["Ada",null],"kind":["person",null],"notes":["met",null]}`},
		"updated":                      {grapevine.Change{Op: grapevine.Updated, Before: ada, After: &eve, Changed: []string{"firstName"}}, `{"firstName":["Ada","Eve"]}`},
		"updated, without a pre-image": {grapevine.Change{Op: grapevine.Updated, After: ada, Changed: []string{"notes"}}, `null`},
		"deleted, without a pre-image": {grapevine.Change{Op: grapevine.Deleted}, `{}`},
		"dropped":                      {grapevine.Change{}, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(diff(test.change))
			require.NoError(t, err)
			require.JSONEq(t, test.want, string(text))
		})
	}
}
