package app

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/events"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

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
	History     *events.Stats       `json:"history"`
	OplogLeft   *float64            `json:"oplogWindowLeft"`
	Gaps        *int64              `json:"gaps"`
	DeadChanges *int64              `json:"dead"`
}

// stats makes the frame "stats". A figure that cannot be read in time is null.
func (m *monitor) stats(ctx context.Context) statsFrame {
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	a := m.app
	status, _ := a.watcher.Status(ctx)
	cached := a.cache.Stats()
	var sockets ws.Stats
	if a.hub != nil {
		sockets = a.hub.Stats()
	}
	f := statsFrame{
		Event: "stats", Room: "pipeline", Instance: a.instance, At: grapevine.Time{Time: time.Now()}, Roles: a.config.Roles,
		Holder: status.Holder, State: status.State, LagMS: status.LagMS, Rate: status.Rate,
		Watermark: a.follower.Watermark(), Cache: cached, Sockets: sockets.Sockets, Rooms: sockets.Rooms, OplogLeft: status.Window,
	}
	if age, known := a.clock.Age(f.Watermark); known {
		ms := age.Milliseconds()
		f.BehindMS = &ms
	}
	if !status.Holder {
		return f
	}
	// Only the lease holder sends the figures that are the same for all instances.
	f.Position = &status.Position
	f.Queues, _ = a.sizes.Sizes(ctx)
	if stats, err := a.events.Stats(ctx); err == nil {
		f.History = &stats
	}
	f.Gaps = m.count(ctx, watcher.CountGaps)
	f.DeadChanges = m.count(ctx, watcher.CountDeadLetters)
	return f
}

func (m *monitor) count(ctx context.Context, count func(context.Context, *mongo.Database) (int64, error)) *int64 {
	n, err := count(ctx, m.app.mongo.Database(m.app.config.MongoDatabase))
	if err != nil {
		return nil
	}
	return &n
}
