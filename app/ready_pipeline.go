package app

import (
	"context"
	"fmt"
	"time"

	"grapevine/api"
	"grapevine/internal/redisx"
	"grapevine/watcher"
)

// followingPart says whether this instance follows the events closely enough to serve reads from the cache.
func (a *App) followingPart(context.Context) api.PartHealth {
	watermark := a.follower.Watermark()
	age, known := a.clock.Age(watermark)
	detail := map[string]any{"watermark": watermark}
	if !known {
		return unready(stateStarting, "This instance has not met an event yet, so reads bypass the cache. The parts redis and watcher say what it waits for.", detail)
	}
	detail["behindMs"] = age.Milliseconds()
	if age > a.config.MaxStaleness {
		return unready("lagging", fmt.Sprintf("The newest event that this instance has met is %s old, so reads bypass the cache. "+
			"Check the part redis here and the part watcher of the instance that holds the lease.", age.Round(time.Second)), detail)
	}
	return api.PartHealth{Ready: true, State: "live", Detail: detail}
}

// watcherMessages say what to do about a state in which no change is applied.
var watcherMessages = map[watcher.State]string{
	watcher.Standby:     "No instance holds the lease. One with the role watcher takes it within ten seconds if it reaches MongoDB and Redis.",
	watcher.Starting:    "The watcher reads its checkpoint. Wait a moment.",
	watcher.Reconciling: "Changes were lost, and a scan of all contacts makes up for them. Wait; `grapevine gaps` shows it.",
	watcher.Paused:      "An operator paused the pipeline. Run `grapevine pipeline resume`.",
	watcher.Stopped:     "History was lost several times in a row. Give MongoDB a larger oplog, or find out what slows the pipeline down.",
}

func (a *App) watcherPart(ctx context.Context) api.PartHealth {
	status, err := a.watcher.Status(ctx)
	detail := map[string]any{"holder": status.Holder, "lease": status.Lease}
	if status.Holder {
		detail["position"], detail["rate"], detail["lagMs"], detail["oplogLeft"] = status.Position, status.Rate, status.LagMS, status.OplogWindowLeft
	}
	healthy := status.State == watcher.Streaming || status.State == watcher.Standby && status.Lease != ""
	switch {
	case err != nil:
		return unready(string(status.State), redisx.RefusalOf(err).Message, detail)
	case healthy:
		return api.PartHealth{Ready: true, State: string(status.State), Detail: detail}
	case status.Err != nil:
		return unready(string(status.State), reasonOf(status.Err), detail)
	}
	return unready(string(status.State), watcherMessages[status.State], detail)
}

// gapsPart counts the gaps and shows the newest.
func (a *App) gapsPart(ctx context.Context) api.PartHealth {
	gaps, err := watcher.Gaps(ctx, a.mongo.Database(a.config.MongoDatabase))
	if err != nil {
		return unready(stateUnknown, reasonOf(err), nil)
	}
	detail := map[string]any{"count": len(gaps)}
	if len(gaps) > 0 {
		detail["newest"] = gaps[0]
	}
	for _, gap := range gaps {
		if gap.State == watcher.GapOpen {
			return unready("open", watcherMessages[watcher.Reconciling], detail)
		}
	}
	return api.PartHealth{Ready: true, State: "healed", Detail: detail}
}
