package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

// pulse tells the room "pipeline" once a second how this instance does, and of each change when it
// passed which step. It goes through the signals of every instance, so one socket sees them all.
type pulse struct {
	app    *App
	traces chan traced
	omit   atomic.Int64 // changes left out of the traces since the last one sent
}

// traced is a batch, and of its changes those that may be shown: all of a bulk import would fill the
// memory where Redis is slow to take the traces.
type traced struct {
	watcher.Trace
	batch int // changes it had, heartbeats included
}

// tracesMost bounds the traces of a second: people read them, a bulk import is no reading matter.
const tracesMost = 40

type statsFrame struct {
	Event       string              `json:"event"` // "stats"
	Room        string              `json:"room"`
	Instance    string              `json:"instance"`
	At          grapevine.Time      `json:"at"`
	Roles       []string            `json:"roles"`
	Holder      bool                `json:"holder"`
	State       watcher.State       `json:"state"`
	Position    *grapevine.Position `json:"position"`
	LagMS       *int64              `json:"lagMs"`
	Rate        float64             `json:"rate"`
	Watermark   grapevine.Position  `json:"watermark"`
	BehindMS    *int64              `json:"watermarkAgeMs"`
	Cache       any                 `json:"cache"`
	Queues      []jobs.QueueSize    `json:"queues"`
	Sockets     int                 `json:"sockets"`
	Rooms       int                 `json:"rooms"`
	History     *ws.HistoryStats    `json:"history"`
	OplogLeft   *float64            `json:"oplogWindowLeft"`
	Gaps        *int64              `json:"gaps"`
	DeadChanges *int64              `json:"dead"`
}

type traceFrame struct {
	Event      string             `json:"event"` // "trace"
	Room       string             `json:"room"`
	Position   grapevine.Position `json:"position"`
	Op         grapevine.Op       `json:"op"`
	ID         string             `json:"id,omitempty"`
	Workspace  string             `json:"workspace,omitempty"`
	Name       string             `json:"name,omitempty"`
	Source     grapevine.Source   `json:"source,omitempty"`
	Changed    map[string][2]any  `json:"changed,omitempty"` // field: before, after; null where there was none
	Reason     string             `json:"reason,omitempty"`
	Task       string             `json:"task,omitempty"`
	Committed  grapevine.Time     `json:"committed"` // MongoDB's clock
	SeenUS     int64              `json:"seenUs"`    // committed to seen: two clocks, so it may be a little off
	CacheUS    int64              `json:"cacheUs"`   // these four count from seen
	JobsUS     int64              `json:"jobsUs"`
	EventsUS   int64              `json:"eventsUs"`
	Checkpoint int64              `json:"checkpointUs"`
	Batch      int                `json:"batch"`
	Omitted    int64              `json:"sampledOut,omitempty"`
}

// trace takes a batch from the watcher without ever making it wait.
func (p *pulse) trace(t watcher.Trace) {
	few := traced{t, len(t.Changes)}
	few.Changes = nil
	for _, c := range t.Changes {
		switch {
		case c.Op == grapevine.Heartbeat:
		case len(few.Changes) < tracesMost:
			few.Changes = append(few.Changes, c)
		default:
			p.omit.Add(1)
		}
	}
	select {
	case p.traces <- few:
	default: // the pulse is behind
		p.omit.Add(int64(len(few.Changes)))
	}
}

func (p *pulse) run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	left := tracesMost
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			left = tracesMost
			p.signal(ctx, p.stats(ctx))
		case t := <-p.traces:
			for _, c := range t.Changes {
				if left == 0 {
					p.omit.Add(1)
					continue
				}
				left--
				p.signal(ctx, p.frame(c, t))
			}
		}
	}
}

// signal is best effort: figures of a second ago are not worth a retry.
func (p *pulse) signal(ctx context.Context, frame any) {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	if err := p.app.history.Signal(ctx, frame); err != nil && ctx.Err() == nil {
		p.app.log.Debug("signal not sent", "err", err)
	}
}

func (p *pulse) stats(ctx context.Context) statsFrame {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	a := p.app
	status, _ := a.watcher.Status(ctx)
	cached, hub := a.cache.Stats(), a.hub.Stats()
	f := statsFrame{
		Event: "stats", Room: "pipeline", Instance: a.instance, At: grapevine.Time{Time: time.Now()}, Roles: a.Roles,
		Holder: status.Holder, State: status.State, LagMS: status.LagMS, Rate: status.Rate,
		Watermark: a.hub.Watermark(), Cache: cached, Sockets: hub.Sockets, Rooms: hub.Rooms, OplogLeft: status.Window,
	}
	if age, known := a.clock.Age(f.Watermark); known {
		ms := age.Milliseconds()
		f.BehindMS = &ms
	}
	if !status.Holder {
		return f
	}
	// What is the same for all instances is told by one.
	f.Position = &status.Position
	f.Queues, _ = a.sizes.Sizes(ctx)
	if history, err := a.history.Stats(ctx); err == nil {
		f.History = &history
	}
	db := a.mongo.Database(a.MongoDB)
	count := func(collection string, filter bson.D) *int64 {
		n, err := db.Collection(collection).CountDocuments(ctx, filter)
		if err != nil {
			return nil
		}
		return &n
	}
	f.Gaps = count("gaps", watcher.RealGaps())
	f.DeadChanges = count("dead_changes", bson.D{})
	return f
}

func (p *pulse) frame(c grapevine.Change, t traced) traceFrame {
	f := traceFrame{
		Event: "trace", Room: "pipeline", Position: c.Position, Op: c.Op, ID: c.ID, Source: c.Source, Reason: c.Reason,
		Committed: grapevine.Time{Time: c.At}, SeenUS: c.SeenAt.Sub(c.At).Microseconds(), CacheUS: t.Cache.Microseconds(), JobsUS: t.Jobs.Microseconds(),
		EventsUS: t.Events.Microseconds(), Checkpoint: t.Checkpoint.Microseconds(), Batch: t.batch, Omitted: p.omit.Swap(0),
	}
	contact := c.After
	if contact == nil {
		contact = c.Before
	}
	if contact != nil {
		f.Workspace, f.Name = contact.Workspace, contact.FullName
	}
	if c.Op == grapevine.Created {
		f.Task = "welcome:" + c.ID
	}
	f.Changed = difference(c)
	return f
}

// difference is the value of each changed field before and after, as JSON shows it; of a contact that came
// or went, of all that people fill in. Long values are cut away, because this is for looking at.
func difference(c grapevine.Change) map[string][2]any {
	names, before, after := c.Changed, asJSON(c.Before), asJSON(c.After)
	switch {
	case c.Op == grapevine.Created:
		names = filledIn(after)
	case c.Op == grapevine.Deleted:
		names = filledIn(before)
	case c.Before == nil:
		return nil
	}
	diff := map[string][2]any{}
	for _, name := range names[:min(len(names), 20)] {
		diff[name] = [2]any{short(before[name]), short(after[name])}
	}
	return diff
}

func filledIn(fields map[string]json.RawMessage) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		return slices.Contains([]string{"id", "fullName", "workspace", "createdAt", "updatedAt"}, name) ||
			slices.Contains([]string{"null", "[]", `""`}, string(fields[name]))
	})
}

func asJSON(c *grapevine.Contact) map[string]json.RawMessage {
	text, _ := json.Marshal(c)
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(text, &fields)
	return fields
}

func short(value json.RawMessage) any {
	const most = 300
	switch {
	case value == nil:
		return nil
	case len(value) > most:
		return "(too long to show)"
	}
	return value
}
