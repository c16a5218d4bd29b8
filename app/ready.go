package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/api"
	"grapevine/internal/mongox"
	"grapevine/internal/redisx"
	"grapevine/internal/retry"
)

const (
	// readyTimeout bounds the answer of each part.
	readyTimeout = time.Second
	// readyMaxAge is how old an answer of /readyz may be, so that many requests for it cost no more than a few.
	readyMaxAge = 500 * time.Millisecond
)

// Names of parts in /readyz.
const (
	partMongoDB     = "mongodb"
	partCollections = "collections"
	partRedis       = "redis"
	partFollowing   = "following"
	partJobs        = "jobs"
	partWatcher     = "watcher"
	partGaps        = "gaps"
	partForms       = "forms"
	partImports     = "imports"
)

// States of parts that more than one part has.
const (
	stateUp           = "up"
	stateStarting     = "starting"
	stateUnauthorized = "unauthorized"
	stateUnreachable  = "unreachable"
	stateUnknown      = "unknown"
)

// readiness keeps the latest answer of the parts.
type readiness struct {
	mu    sync.Mutex
	at    time.Time
	parts map[string]api.PartHealth
}

// ready returns the state of each part. An instance is ready if an authorised read and write of contacts would work
// now, a plain list among them. That needs MongoDB only: an outage of Redis must not take every instance out of a load balancer.
func (a *App) ready(ctx context.Context) api.Readiness {
	r := api.Readiness{Parts: map[string]api.PartHealth{}}
	for name, part := range a.readiness.read(ctx, a.askParts) {
		r.Parts[name] = part
	}
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

func (r *readiness) read(ctx context.Context, ask func(context.Context) map[string]api.PartHealth) map[string]api.PartHealth {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) > readyMaxAge {
		r.parts = ask(context.WithoutCancel(ctx)) // others share the answer
		r.at = time.Now()
	}
	return r.parts
}

// askParts asks the parts concurrently, so that one that hangs does not hide the others.
func (a *App) askParts(ctx context.Context) map[string]api.PartHealth {
	checks := map[string]func(context.Context) api.PartHealth{
		partMongoDB: a.mongoHealth.part, partCollections: a.collectionsPart,
		partRedis: a.redisPart, partFollowing: a.followingPart, partJobs: a.jobsPart,
		partForms: a.formsPart, partImports: a.importsPart,
	}
	if a.has(roleWatcher) {
		checks[partWatcher], checks[partGaps] = a.watcherPart, a.gapsPart
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	parts := map[string]api.PartHealth{}
	for name, check := range checks {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, readyTimeout)
			defer cancel()
			p := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			parts[name] = p
		})
	}
	group.Wait()
	return parts
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

// reasonOf says for people why a part failed. It quotes no error: the text may hold values of contacts.
func reasonOf(err error) string {
	if denial, ok := mongox.DenialOf(err); ok {
		return denial.Message()
	}
	var answer redis.Error
	switch {
	case errors.Is(err, grapevine.ErrFenced):
		return "Another instance took the lease. This one goes on when it gets the lease again."
	case errors.As(err, &answer):
		return redisx.RefusalOf(err).Message
	case mongox.Unavailable(err):
		return "MongoDB or Redis does not answer. The parts mongodb and redis say which."
	}
	return "It failed and tries again. The log of this instance has the reason."
}

// unready is a part that does not work.
func unready(state, message string, detail map[string]any) api.PartHealth {
	return api.PartHealth{State: state, Message: message, Detail: detail}
}
