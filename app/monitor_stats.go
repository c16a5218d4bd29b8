package app

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/cache"
	"grapevine/jobs"
	"grapevine/watcher"
	"grapevine/ws"
)

// stats makes the frame "stats". A figure that cannot be read in time is null.
func (m *monitor) stats(ctx context.Context) ws.StatsFrame {
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	a := m.app
	status, _ := a.watcher.Status(ctx)
	f := ws.StatsFrame{
		Event: ws.EventStats, Room: ws.PipelineRoom, Instance: a.instance, At: grapevine.Time{Time: time.Now()}, Roles: a.config.Roles,
		Holder: status.Holder, State: string(status.State), LagMS: status.LagMS, Rate: status.Rate, OplogWindowLeft: status.OplogWindowLeft,
		Watermark: a.follower.Watermark(), Cache: cacheFigures(a.cache.Stats()),
	}
	for _, p := range a.problems() {
		f.Problems = append(f.Problems, ws.Problem(p))
	}
	if a.hub != nil {
		sockets := a.hub.Stats()
		f.Sockets, f.Rooms = sockets.Sockets, sockets.Rooms
	}
	if age, known := a.clock.Age(f.Watermark); known {
		ms := age.Milliseconds()
		f.WatermarkAgeMS = &ms
	}
	if status.Holder {
		f.Position = &status.Position
		m.addShared(ctx, &f)
	}
	return f
}

// addShared adds the figures that are the same for all instances. Only the lease holder sends them.
func (m *monitor) addShared(ctx context.Context, f *ws.StatsFrame) {
	if sizes, err := m.app.sizes.Read(ctx); err == nil {
		f.Queues = queueFigures(sizes)
	}
	if stats, err := m.app.events.Stats(ctx); err == nil {
		figures := ws.EventLogFigures(stats)
		f.EventLog = &figures
	}
	f.Gaps = m.count(ctx, watcher.CountGaps)
	f.DeadLetters = m.count(ctx, watcher.CountDeadLetters)
}

func cacheFigures(s cache.Stats) ws.CacheFigures {
	return ws.CacheFigures{
		Hits: s.Hits, Misses: s.Misses, Bypassed: s.Bypassed,
		Stored: s.Stored, Refused: s.Refused, Full: s.Full, TooLarge: s.TooLarge, Failed: s.Failed,
		Invalidated: s.Invalidated, Purges: s.Purges, Rollbacks: s.RolledBack,
	}
}

func queueFigures(sizes []jobs.QueueSize) []ws.QueueFigures {
	figures := make([]ws.QueueFigures, len(sizes))
	for i, size := range sizes {
		figures[i] = ws.QueueFigures(size)
	}
	return figures
}

func (m *monitor) count(ctx context.Context, count func(context.Context, *mongo.Database) (int64, error)) *int64 {
	n, err := count(ctx, m.app.mongo.Database(m.app.config.MongoDatabase))
	if err != nil {
		return nil
	}
	return &n
}
