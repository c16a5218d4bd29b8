package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/app"
	"grapevine/internal/servers"
	"grapevine/watcher"
)

const (
	pauseTime   = 10 * time.Second
	hangTime    = 8 * time.Second
	floodEdits  = 10_000
	floodTag    = "flood"
	pauseLimit  = 30 * time.Second // for the lease holder to pause
	resumeLimit = 5 * time.Second  // to resume; if the program ends, the next lease holder does it
	undoLimit   = 30 * time.Second // to put everything right, also while the program ends
)

// experiments are what the pipeline page offers to try. redisServer is nil if this program did not start Redis.
func experiments(connections app.Connections, redisServer *servers.Redis) []app.Experiment {
	list := []app.Experiment{
		{Name: "pause", Run: func(ctx context.Context) error { return pauseWatcher(ctx, connections) }},
		{Name: "history", Run: func(ctx context.Context) error { return dropEvents(ctx, connections) }},
		{Name: "flood", Run: func(ctx context.Context) error { return floodWithEdits(ctx, connections) }},
	}
	if redisServer != nil {
		list = append(list, app.Experiment{Name: "redis", Run: func(ctx context.Context) error { return hangRedis(ctx, redisServer) }})
	}
	return list
}

// undoing is a context in which an experiment is undone, also if ctx has ended.
func undoing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), undoLimit)
}

// wait waits until ctx ends or d is over.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// pauseWatcher pauses the watcher for a moment. Changes wait in the oplog.
func pauseWatcher(ctx context.Context, connections app.Connections) error {
	return connections.WithDatabase(func(db *mongo.Database) error {
		submit := func(ctx context.Context, name string, limit time.Duration) error {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			_, err := watcher.Submit(ctx, db, watcher.Command{Name: name, RequestedBy: "experiment"})
			return err
		}
		if err := submit(ctx, watcher.CommandPause, pauseLimit); err != nil {
			return fmt.Errorf("pause the watcher: %w", err)
		}
		wait(ctx, pauseTime)
		if err := submit(context.WithoutCancel(ctx), watcher.CommandResume, resumeLimit); err != nil {
			return fmt.Errorf("resume the watcher: %w", err)
		}
		return nil
	})
}

// hangRedis stops the process of Redis for a moment.
func hangRedis(ctx context.Context, server *servers.Redis) error {
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop Redis: %w", err)
	}
	wait(ctx, hangTime)
	if err := server.Signal(syscall.SIGCONT); err != nil {
		return fmt.Errorf("continue Redis: %w", err)
	}
	return nil
}

// dropEvents deletes the event log. The pages that are open cannot learn what they missed, and read again.
func dropEvents(ctx context.Context, connections app.Connections) error {
	rdb, err := connections.OpenRedis()
	if err != nil {
		return err
	}
	defer rdb.Close()
	if err := rdb.Del(ctx, connections.KeyPrefix()+grapevine.KeyEvents).Err(); err != nil {
		return fmt.Errorf("delete the event log: %w", err)
	}
	return nil
}

// floodWithEdits gives the sample contacts a tag and takes it away again, until there were 10,000 edits.
func floodWithEdits(ctx context.Context, connections app.Connections) error {
	return connections.WithDatabase(func(db *mongo.Database) (err error) {
		contacts := db.Collection(grapevine.CollectionContacts)
		ids, err := someContacts(ctx, contacts, floodEdits/2)
		if err != nil || len(ids) == 0 {
			return err
		}
		chosen := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
		defer func() {
			undo, cancel := undoing(ctx)
			defer cancel()
			_, undone := contacts.UpdateMany(undo, bson.D{{Key: "tags", Value: floodTag}}, bson.D{{Key: "$pull", Value: bson.D{{Key: "tags", Value: floodTag}}}})
			err = errors.Join(err, undone)
		}()
		for edits := 0; edits < floodEdits; edits += 2 * len(ids) {
			for _, operator := range []string{"$addToSet", "$pull"} {
				if _, err := contacts.UpdateMany(ctx, chosen, bson.D{{Key: operator, Value: bson.D{{Key: "tags", Value: floodTag}}}}); err != nil {
					return fmt.Errorf("edit contacts: %w", err)
				}
			}
		}
		return nil
	})
}

// someContacts returns the ids of at most n contacts of the default workspace that can take the tag.
func someContacts(ctx context.Context, contacts *mongo.Collection, n int64) ([]bson.ObjectID, error) {
	filter := bson.D{{Key: "workspace", Value: grapevine.DefaultWorkspace}, {Key: "tags", Value: bson.D{{Key: "$ne", Value: floodTag}}}}
	cursor, err := contacts.Find(ctx, filter, options.Find().SetLimit(n).SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("find contacts: %w", err)
	}
	var found []struct {
		ID bson.ObjectID `bson:"_id"`
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	ids := make([]bson.ObjectID, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	return ids, nil
}
