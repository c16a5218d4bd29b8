package main

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine/api"
	"grapevine/watcher"
)

// ready tells the state of each part. An instance is ready when it can answer reads and writes, which
// takes MongoDB alone; the rest is shown, so that a person sees what is slow or missing. Redis being
// away must not take every instance out of a load balancer: they still answer.
func (a *App) ready(ctx context.Context) api.Readiness {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	r := api.Readiness{Parts: map[string]api.Part{}}

	_, err := a.store.Ping(ctx)
	r.Ready = err == nil
	r.Parts["mongodb"] = part(err == nil, "up", "away", nil)

	err = a.redisCache.Ping(ctx).Err()
	r.Parts["redis"] = part(err == nil, "up", "away", nil)

	watermark := a.hub.Watermark()
	age, known := a.clock.Age(watermark)
	following := map[string]any{"watermark": watermark}
	if known {
		following["behindMs"] = age.Milliseconds()
	}
	r.Parts["following"] = part(known && age <= a.MaxStaleness, "live", "behind", following)

	if a.has(roleWatcher) {
		status, err := a.watcher.Status(ctx)
		fine := err == nil && (status.State == watcher.Streaming || status.State == watcher.Standby && status.Lease != "")
		detail := map[string]any{"holder": status.Holder, "lease": status.Lease}
		if status.Holder {
			detail["position"], detail["rate"], detail["lagMs"], detail["oplogLeft"] = status.Position, status.Rate, status.LagMS, status.Window
		}
		if status.Error != "" {
			detail["error"] = "see the log" // it may name hosts
		}
		r.Parts["watcher"] = api.Part{Ready: fine, State: string(status.State), Detail: detail}
		r.Parts["gaps"] = a.gapsPart(ctx)
	}
	if sizes, err := a.sizes.Sizes(ctx); err == nil {
		queues := map[string]any{}
		for _, size := range sizes {
			queues[size.Queue] = size
		}
		r.Parts["jobs"] = api.Part{Ready: true, State: "up", Detail: queues}
	} else {
		r.Parts["jobs"] = part(false, "", "away", nil)
	}
	return r
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
	open, count, detail := false, 0, map[string]any{}
	for _, gap := range gaps {
		if gap.First() {
			continue
		}
		if count == 0 {
			detail["newest"] = gap
		}
		count++
		open = open || gap.State == "open"
	}
	detail["count"] = count
	return part(!open, "healed", "open", detail)
}

// info is what the page shows to people who want to write to MongoDB themselves.
func (a *App) info(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{
		"mongoURI": shown(a.MongoURI), "database": a.MongoDB, "redisURL": shown(a.RedisURL), "version": version(), "instance": a.instance,
	})
}
