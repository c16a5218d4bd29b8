package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine/jobs"
	"grapevine/store"
)

// setUp waits for MongoDB and Redis and looks whether they are fit. What no waiting mends ends the
// instance, with the reason.
func (a *App) setUp(ctx context.Context) error {
	var side errgroup.Group
	side.Go(func() error { return a.until(ctx, "MongoDB", a.prepare, standalone) })
	side.Go(func() error {
		return a.until(ctx, "Redis", a.checkRedis, func(err error) bool { return errors.Is(err, errUnfit) })
	})
	return side.Wait()
}

// until tries do again until it is nil, ctx is done, or its error is final.
func (a *App) until(ctx context.Context, what string, do func(context.Context) error, final func(error) bool) error {
	for try := 1; ; try++ {
		call, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := do(call)
		cancel()
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopping is no error
		}
		switch {
		case err == nil:
			if try > 1 {
				a.log.Info(what+" is there", "tries", try)
			}
			return nil
		case final(err):
			return err
		}
		if try&(try-1) == 0 {
			a.log.Warn("waiting for "+what, "err", err, "tries", try)
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(time.Duration(try)*250*time.Millisecond, 5*time.Second)):
		}
	}
}

// errUnfit says that Redis is there and must not be used as it is.
var errUnfit = errors.New("REDIS_URL")

func (a *App) checkRedis(ctx context.Context) error {
	if err := a.redis.Ping(ctx).Err(); err != nil {
		return err
	}
	warnings, err := jobs.CheckRedis(ctx, a.redis)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnfit, err)
	}
	for _, warning := range warnings {
		a.log.Warn("Redis: " + warning)
	}
	return nil
}

// standalone reports whether MongoDB is no replica set, which has no change streams.
func standalone(err error) bool { return errors.Is(err, store.ErrStandalone) }
