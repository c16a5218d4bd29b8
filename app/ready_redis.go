package app

import (
	"context"
	"strings"

	"grapevine/api"
	"grapevine/internal/redisx"
	"grapevine/jobs"
)

// redisPart says whether keys of this instance could be written now. A risk that the check at the start found is a
// warning.
func (a *App) redisPart(ctx context.Context) api.PartHealth {
	if err := redisx.ProbeWrite(ctx, a.redisCache, a.config.KeyPrefix()); err != nil {
		refusal := redisx.RefusalOf(err)
		if remedy := a.redisRemedy.Load(); remedy != nil && refusal.State == stateUnreachable {
			refusal.Message = "REDIS_URL: " + *remedy + "."
		}
		return unready(refusal.State, refusal.Message, nil)
	}
	part := api.PartHealth{Ready: true, State: stateUp}
	var warnings []string
	if found := a.redisWarnings.Load(); found != nil {
		warnings = *found
	}
	if server, err := redisx.Identify(ctx, a.redisCache); err == nil && server.Version != "" {
		part.Detail = map[string]any{"version": server.Version}
		if server.Name == "redis" {
			warnings = append(warnings[:len(warnings):len(warnings)], redisHole(server.Version))
		}
	}
	part.Message = strings.TrimSpace(strings.Join(warnings, " "))
	return part
}

// jobsPart says whether jobs could be enqueued now, and shows the queues.
func (a *App) jobsPart(ctx context.Context) api.PartHealth {
	sizes, err := a.sizes.Read(ctx)
	if err == nil {
		err = jobs.ProbeQueues(ctx, a.redis, a.config.MongoDatabase)
	}
	if err == nil {
		err = a.worker.Trouble()
	}
	if err != nil {
		refusal := redisx.RefusalOf(err)
		return unready(refusal.State, refusal.Message, nil)
	}
	queues := map[string]any{}
	for _, size := range sizes {
		queues[size.Queue] = size
	}
	if a.worker.MailIsAway() {
		return unready("mail-away", "The mail server takes no mail from us. Mails wait and are tried for five days. Check the server and SMTP_URL; the log has its answer.", queues)
	}
	return api.PartHealth{Ready: true, State: stateUp, Detail: queues}
}
