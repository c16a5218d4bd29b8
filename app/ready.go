package main

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine/api"
	"grapevine/watcher"
)

// readyBound is how long each part may take to answer for itself.
const readyBound = time.Second

// ready tells the state of each part. An instance is ready when it can answer reads and writes, which
// takes MongoDB alone; the rest is shown, so that a person sees what is slow or missing. Redis being
// away must not take every instance out of a load balancer: they still answer. The parts are asked side
// by side, each in its own time, so that one that hangs does not make the others look away.
func (a *App) ready(ctx context.Context) api.Readiness {
	asked := map[string]func(context.Context) api.Part{
		"mongodb": func(ctx context.Context) api.Part {
			_, err := a.store.Ping(ctx)
			return part(err == nil, "up", "away", nil)
		},
		"redis": func(ctx context.Context) api.Part {
			return part(a.redisCache.Ping(ctx).Err() == nil, "up", "away", nil)
		},
		"following": func(context.Context) api.Part { return a.followingPart() },
		"jobs":      a.jobsPart,
	}
	if a.has(roleWatcher) {
		asked["watcher"], asked["gaps"] = a.watcherPart, a.gapsPart
	}
	var mu sync.Mutex
	var side sync.WaitGroup
	r := api.Readiness{Parts: map[string]api.Part{}}
	for name, ask := range asked {
		side.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, readyBound)
			defer cancel()
			p := ask(ctx)
			mu.Lock()
			defer mu.Unlock()
			r.Parts[name] = p
		})
	}
	side.Wait()
	r.Ready = r.Parts["mongodb"].Ready
	return r
}

func (a *App) followingPart() api.Part {
	watermark := a.hub.Watermark()
	age, known := a.clock.Age(watermark)
	detail := map[string]any{"watermark": watermark}
	if known {
		detail["behindMs"] = age.Milliseconds()
	}
	return part(known && age <= a.MaxStaleness, "live", "behind", detail)
}

func (a *App) watcherPart(ctx context.Context) api.Part {
	status, err := a.watcher.Status(ctx)
	fine := err == nil && (status.State == watcher.Streaming || status.State == watcher.Standby && status.Lease != "")
	detail := map[string]any{"holder": status.Holder, "lease": status.Lease}
	if status.Holder {
		detail["position"], detail["rate"], detail["lagMs"], detail["oplogLeft"] = status.Position, status.Rate, status.LagMS, status.Window
	}
	if status.Error != "" {
		detail["error"] = "see the log" // it may name hosts
	}
	return api.Part{Ready: fine, State: string(status.State), Detail: detail}
}

func (a *App) jobsPart(ctx context.Context) api.Part {
	sizes, err := a.sizes.Sizes(ctx)
	if err != nil {
		return part(false, "", "away", nil)
	}
	queues := map[string]any{}
	for _, size := range sizes {
		queues[size.Queue] = size
	}
	return api.Part{Ready: true, State: "up", Detail: queues}
}

func part(ready bool, yes, no string, detail map[string]any) api.Part {
	if ready {
		return api.Part{Ready: true, State: yes, Detail: detail}
	}
	return api.Part{State: no, Detail: detail}
}

// gapsPart counts the gaps and shows the newest.
func (a *App) gapsPart(ctx context.Context) api.Part {
	gaps, err := watcher.Gaps(ctx, a.mongo.Database(a.MongoDB))
	if err != nil {
		return part(false, "", "unknown", nil)
	}
	detail := map[string]any{"count": len(gaps)}
	if len(gaps) > 0 {
		detail["newest"] = gaps[0]
	}
	return part(openGaps(gaps) == 0, "healed", "open", detail)
}

func openGaps(gaps []watcher.Gap) (n int) {
	for _, gap := range gaps {
		if gap.State == "open" {
			n++
		}
	}
	return n
}

// info is what the page shows to people who want to write to MongoDB themselves.
func (a *App) info(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{
		"mongoURI": shown(a.MongoURI), "database": a.MongoDB, "redisURL": shown(a.RedisURL), "version": version(), "instance": a.instance,
		"now": time.Now().UTC(), // the page compares its clock with this
	})
}
