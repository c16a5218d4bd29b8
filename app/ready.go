package app

import (
	"context"
	"sync"
	"time"

	"grapevine/api"
	"grapevine/internal/retry"
	"grapevine/watcher"
)

// readyTimeout bounds the answer of each part.
const readyTimeout = time.Second

// Names of parts in /readyz.
const (
	partMongoDB   = "mongodb"
	partRedis     = "redis"
	partFollowing = "following"
	partJobs      = "jobs"
	partWatcher   = "watcher"
	partGaps      = "gaps"
)

// ready returns the state of each part. An instance is ready if it can answer reads and writes, which
// needs MongoDB only: an outage of Redis must not take every instance out of a load balancer. The parts
// are asked concurrently, so that one that hangs does not hide the others.
func (a *App) ready(ctx context.Context) api.Readiness {
	checks := map[string]func(context.Context) api.PartHealth{
		partMongoDB: func(ctx context.Context) api.PartHealth {
			_, err := a.store.Ping(ctx)
			return partState(err == nil, "up", "away", nil)
		},
		partRedis: func(ctx context.Context) api.PartHealth {
			return partState(a.redisCache.Ping(ctx).Err() == nil, "up", "away", nil)
		},
		partFollowing: func(context.Context) api.PartHealth { return a.followingPart() },
		partJobs:      a.jobsPart,
	}
	if a.has(roleWatcher) {
		checks[partWatcher], checks[partGaps] = a.watcherPart, a.gapsPart
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	r := api.Readiness{Parts: map[string]api.PartHealth{}}
	for name, check := range checks {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, readyTimeout)
			defer cancel()
			p := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			r.Parts[name] = p
		})
	}
	group.Wait()
	r.Ready = r.Parts[partMongoDB].Ready
	if a.draining.Load() {
		r.Parts[partInstance], r.Ready = drainingPart(), false
	}
	for name, part := range a.gate.parts() {
		part.Detail = r.Parts[name].Detail
		r.Parts[name], r.Ready = part, false
	}
	return r
}

// WaitLive waits until the instance answers and changes reach it, and reports whether they do. If a watcher was killed,
// that takes as long as its lease. It gives up after 20 seconds: a paused pipeline is
// never live.
func (a *App) WaitLive(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		r := a.ready(ctx)
		if r.Ready && r.Parts[partFollowing].Ready && (!a.has(roleWatcher) || r.Parts[partWatcher].Ready) && Healthcheck(ctx, a.Addr()) == nil {
			return true
		}
		_ = retry.Sleep(ctx, 50*time.Millisecond)
	}
	return false
}

func (a *App) followingPart() api.PartHealth {
	watermark := a.follower.Watermark()
	age, known := a.clock.Age(watermark)
	detail := map[string]any{"watermark": watermark}
	if known {
		detail["behindMs"] = age.Milliseconds()
	}
	return partState(known && age <= a.config.MaxStaleness, "live", "behind", detail)
}

func (a *App) watcherPart(ctx context.Context) api.PartHealth {
	status, err := a.watcher.Status(ctx)
	healthy := err == nil && (status.State == watcher.Streaming || status.State == watcher.Standby && status.Lease != "")
	detail := map[string]any{"holder": status.Holder, "lease": status.Lease}
	if status.Holder {
		detail["position"], detail["rate"], detail["lagMs"], detail["oplogLeft"] = status.Position, status.Rate, status.LagMS, status.OplogWindowLeft
	}
	if status.Error != "" {
		detail["error"] = "see the log" // the text may name hosts
	}
	return api.PartHealth{Ready: healthy, State: string(status.State), Detail: detail}
}

func (a *App) jobsPart(ctx context.Context) api.PartHealth {
	sizes, err := a.sizes.Read(ctx)
	if err != nil {
		return partState(false, "", "away", nil)
	}
	queues := map[string]any{}
	for _, size := range sizes {
		queues[size.Queue] = size
	}
	return api.PartHealth{Ready: true, State: "up", Detail: queues}
}

// gapsPart counts the gaps and shows the newest.
func (a *App) gapsPart(ctx context.Context) api.PartHealth {
	gaps, err := watcher.Gaps(ctx, a.mongo.Database(a.config.MongoDatabase))
	if err != nil {
		return partState(false, "", "unknown", nil)
	}
	detail := map[string]any{"count": len(gaps)}
	if len(gaps) > 0 {
		detail["newest"] = gaps[0]
	}
	open := 0
	for _, gap := range gaps {
		if gap.State == watcher.GapOpen {
			open++
		}
	}
	return partState(open == 0, "healed", "open", detail)
}

func partState(ready bool, yes, no string, detail map[string]any) api.PartHealth {
	if ready {
		return api.PartHealth{Ready: true, State: yes, Detail: detail}
	}
	return api.PartHealth{State: no, Detail: detail}
}
