package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"grapevine/jobs"
	"grapevine/store"
	"grapevine/watcher"
)

// setUp waits for MongoDB and Redis and looks whether they are fit. What no waiting mends ends the
// instance, with the reason.
func (a *App) setUp(ctx context.Context) error {
	side, ctx := errgroup.WithContext(ctx)
	side.Go(func() error {
		if err := a.until(ctx, "MongoDB", bounded(a.prepareReplicaSet), standalone); err != nil {
			return err
		}
		return a.until(ctx, "the set of indexes", a.index, func(error) bool { return false })
	})
	side.Go(func() error {
		return a.until(ctx, "Redis", bounded(a.checkRedis), func(err error) bool { return errors.Is(err, jobs.ErrUnfit) })
	})
	side.Go(func() error {
		err := a.until(ctx, "a checkpoint", bounded(a.watcher.CheckSource), func(err error) bool { return errors.Is(err, watcher.ErrForeign) })
		if err == nil && ctx.Err() == nil {
			close(a.ours)
		}
		return err
	})
	return side.Wait()
}

// bounded gives each try ten seconds.
func bounded(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		return do(ctx)
	}
}

// until tries do again until it is nil, ctx is done, or its error is final.
func (a *App) until(ctx context.Context, what string, do func(context.Context) error, final func(error) bool) error {
	for try := 1; ; try++ {
		err := do(ctx)
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
		if try > 1 && try&(try-1) == 0 { // of two parts that start together one waits a moment for the other
			a.log.Warn("waiting for "+what, "err", err, "tries", try)
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(time.Duration(try*try)*50*time.Millisecond, 5*time.Second)):
		}
	}
}

func (a *App) checkRedis(ctx context.Context) error {
	warnings, err := jobs.CheckRedis(ctx, a.redis)
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	for _, warning := range warnings {
		a.log.Warn("Redis: " + warning)
	}
	return nil
}

// prepareReplicaSet is prepare that also finds out about a mongod without a replica set where MONGO_URI
// names one: the driver then passes over that server, and it would look as if nobody was there.
func (a *App) prepareReplicaSet(ctx context.Context) error {
	err := a.prepare(ctx)
	if err == nil || standalone(err) || ctx.Err() != nil {
		return err
	}
	opts := options.Client().ApplyURI(a.MongoURI)
	if opts.ReplicaSet == nil || len(opts.Hosts) != 1 {
		return err
	}
	opts.ReplicaSet = nil
	client, dialErr := mongo.Connect(opts.SetDirect(true).SetServerSelectionTimeout(time.Second).SetConnectTimeout(time.Second))
	if dialErr != nil {
		return err
	}
	defer disconnect(client)
	var hello struct {
		Set     string `bson:"setName"`
		Waiting bool   `bson:"isreplicaset"` // started with --replSet, not initiated yet
	}
	if client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello) == nil && hello.Set == "" && !hello.Waiting {
		return fmt.Errorf("MONGO_URI: %w: the mongod at %s runs alone and so has no change streams: start it with --replSet rs0 and run rs.initiate() once",
			store.ErrStandalone, opts.Hosts[0])
	}
	return err
}

// standalone reports whether MongoDB is no replica set, which has no change streams.
func standalone(err error) bool { return errors.Is(err, store.ErrStandalone) }
