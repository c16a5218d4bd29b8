package app

import (
	"encoding/json"
	"maps"
	"slices"

	"grapevine"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

// traceFrame makes the frame "trace" of a change in a batch.
func (m *monitor) traceFrame(c grapevine.Change, t sampledTrace) ws.TraceFrame {
	f := ws.TraceFrame{
		Event: ws.EventTrace, Room: ws.PipelineRoom, Position: c.Position, Op: c.Op, ID: c.ID, Source: c.Source, Reason: c.Reason,
		Committed: grapevine.Time{Time: c.At}, SeenUS: c.SeenAt.Sub(c.At).Microseconds(), CacheUS: t.Effects[watcher.EffectCache].Microseconds(), JobsUS: t.Effects[watcher.EffectJobs].Microseconds(),
		EventsUS: t.Effects[watcher.EffectEvents].Microseconds(), CheckpointUS: t.Checkpoint.Microseconds(), Batch: t.batchSize, SampledOut: m.sampledOut.Swap(0),
		Changed: diff(c),
	}
	contact := c.After
	if contact == nil {
		contact = c.Before
	}
	if contact != nil {
		f.Workspace, f.Name = contact.Workspace, contact.FullName
	}
	if c.Op == grapevine.Created {
		f.Task = jobs.WelcomeTaskID(c.ID)
	}
	return f
}

// Bounds of what a trace shows.
const (
	maxDiffFields = 20
	maxDiffValue  = 300 // bytes of JSON
)

// diff returns each changed field with its JSON before and after. Of a created or deleted contact it
// returns every field that has a value.
func diff(c grapevine.Change) map[string][2]any {
	names, before, after := c.Changed, jsonFields(c.Before), jsonFields(c.After)
	switch {
	case c.Op == grapevine.Created:
		names = nonEmpty(after)
	case c.Op == grapevine.Deleted:
		names = nonEmpty(before)
	case c.Before == nil:
		return nil
	}
	fields := map[string][2]any{}
	for _, name := range names[:min(len(names), maxDiffFields)] {
		fields[name] = [2]any{shorten(before[name]), shorten(after[name])}
	}
	return fields
}

// nonEmpty are the names of fields that a person filled in.
func nonEmpty(fields map[string]json.RawMessage) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		return slices.Contains([]string{"id", "fullName", "workspace", "createdAt", "updatedAt"}, name) ||
			slices.Contains([]string{"null", "[]", `""`}, string(fields[name]))
	})
}

func jsonFields(c *grapevine.Contact) map[string]json.RawMessage {
	text, _ := json.Marshal(c)
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(text, &fields)
	return fields
}

func shorten(value json.RawMessage) any {
	switch {
	case value == nil:
		return nil
	case len(value) > maxDiffValue:
		return "(too long to show)"
	}
	return value
}
