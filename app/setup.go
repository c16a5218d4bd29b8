package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine/dataversion"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
	"grapevine/jobs"
	"grapevine/store"
	"grapevine/watcher"
)

// startPatience is how long a start may wait without a warning: the servers and the parts start together.
const startPatience = time.Second

// setUp waits for MongoDB and Redis and checks that they are fit for use. It is an error only if waiting
// cannot help.
func (a *App) setUp(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := a.retryUntil(ctx, "MongoDB", perTry(a.prepareDatabaseOrExplain), isHopeless); err != nil {
			return err
		}
		return a.version.whileOurs(a.begin)(ctx)
	})
	group.Go(func() error {
		return a.retryUntil(ctx, "Redis", perTry(a.checkRedisOrExplain), func(err error) bool { return errors.Is(err, jobs.ErrUnfit) })
	})
	group.Go(func() error {
		select { // a watcher, which writes the checkpoint, waits for that too
		case <-ctx.Done():
			return nil
		case <-a.started:
		}
		err := a.retryUntil(ctx, "the checkpoint in Redis", perTry(a.watcher.VerifyRedis), func(err error) bool { return errors.Is(err, watcher.ErrRedisInUse) })
		if err == nil && ctx.Err() == nil {
			close(a.redisVerified)
		}
		return err
	})
	return group.Wait()
}

// begin does the first start and keeps the collections and indexes as they should be, side by side.
func (a *App) begin(ctx context.Context) error {
	never := func(error) bool { return false }
	var group errgroup.Group
	group.Go(func() error { return a.retryUntil(ctx, "the first start", a.firstStart, never) })
	group.Go(func() error { return a.keepCollections(ctx) })
	return group.Wait()
}

// perTry bounds each call of do to ten seconds.
func perTry(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		return do(ctx)
	}
}

// retryUntil calls do until it succeeds, ctx ends, or its error is final.
func (a *App) retryUntil(ctx context.Context, what string, do func(context.Context) error, final func(error) bool) error {
	backoff := retry.Backoff{First: 50 * time.Millisecond, Max: 5 * time.Second}
	log := retry.FailureLog{Logger: a.log, Failed: "waiting for " + what, Recovered: what + ": ready", Patience: startPatience}
	for {
		err := do(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopping is no error
		}
		switch {
		case err == nil:
			log.Success()
			return nil
		case final(err):
			return err
		}
		log.Failure(err)
		_ = retry.Sleep(ctx, backoff.Next())
	}
}

func (a *App) checkRedisOrExplain(ctx context.Context) error {
	found := a.checkRedis(ctx)
	explained := a.config.explainRedis(ctx, found)
	a.redisRemedy.Store(nil)
	if explained == nil {
		return nil
	}
	if explained != found { //nolint:errorlint // the very error comes back where there is nothing to explain
		remedy := explained.Error()
		a.redisRemedy.Store(&remedy)
	}
	return fmt.Errorf("REDIS_URL: %w", explained)
}

func (a *App) checkRedis(ctx context.Context) error {
	warnings, err := jobs.CheckRedis(ctx, a.redis)
	if err != nil {
		return err
	}
	sentences := make([]string, len(warnings))
	for i, warning := range warnings {
		sentences[i] = "Risk: " + warning + "."
		a.log.Warn("Redis: " + warning)
	}
	a.redisWarnings.Store(&sentences)
	return nil
}

// prepareDatabaseOrExplain is prepareDatabase with a clear error where waiting cannot help and the driver says only that
// it found no server: it ignores a mongod without a replica set if MONGO_URI names one.
func (a *App) prepareDatabaseOrExplain(ctx context.Context) error {
	err := a.prepareDatabase(ctx)
	a.preparation.Store(&err)
	if err == nil || isHopeless(err) || !mongox.Unavailable(err) || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	if found := mongox.Diagnose(context.WithoutCancel(ctx), a.config.mongoOptions); found.Standalone != "" {
		return fmt.Errorf("MONGO_URI: %w: %s", store.ErrStandalone, found.Message)
	}
	return err
}

// isHopeless reports whether waiting cannot help: MongoDB is no replica set and so has no change streams, or the data
// is newer than this program.
func isHopeless(err error) bool {
	_, newer := errors.AsType[*dataversion.NewerError](err)
	return newer || errors.Is(err, store.ErrStandalone)
}
