package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/app"
	"grapevine/internal/retry"
	"grapevine/internal/servers"
	"grapevine/watcher"
)

const (
	pauseTime   = 10 * time.Second
	hangTime    = 8 * time.Second
	floodEdits  = 10_000
	floodTag    = "what-if-flood"  // no contact has this tag otherwise
	pauseLimit  = 30 * time.Second // for the lease holder to pause
	resumeLimit = 5 * time.Second  // to resume; if the program ends, the next lease holder does it
	editLimit   = 30 * time.Second // for one edit of many contacts
)

// experiments are what the pipeline page offers to try. redisServer is nil if this program did not start Redis.
func experiments(connections app.Connections, redisServer *servers.Redis) []app.Experiment {
	list := []app.Experiment{
		{Name: "pause", Run: func(ctx context.Context) error { return pauseWatcher(ctx, connections) }},
		{Name: "history", Run: func(ctx context.Context) error { return dropEvents(ctx, connections) }},
		{Name: "flood", Run: func(ctx context.Context) error { return floodWithEdits(ctx, connections) }},
	}
	if redisServer != nil {
		list = slices.Insert(list, 1, app.Experiment{Name: "redis", Run: func(ctx context.Context) error { return hangRedis(ctx, redisServer) }})
	}
	return list
}

// pauseWatcher pauses the watcher for a moment. Changes wait in the oplog.
func pauseWatcher(ctx context.Context, connections app.Connections) error {
	return connections.WithDatabase(func(db *mongo.Database) error {
		paused, err := watcher.IsPaused(ctx, db)
		if err != nil {
			return fmt.Errorf("ask whether the watcher is paused: %w", err)
		}
		if paused {
			return errors.New("the watcher is paused already; `grapevine pipeline resume` ends that")
		}
		submit := func(ctx context.Context, name string, limit time.Duration) error {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			if _, err := watcher.Submit(ctx, db, watcher.Command{Name: name, RequestedBy: "experiment"}); err != nil {
				return fmt.Errorf("%s the watcher: %w", name, err)
			}
			return nil
		}
		if err = submit(ctx, watcher.CommandPause, pauseLimit); err == nil {
			_ = retry.Sleep(ctx, pauseTime)
		} else if ctx.Err() != nil {
			err = nil // the program ends
		}
		// A pause whose answer did not come may still be recorded.
		return errors.Join(err, submit(context.WithoutCancel(ctx), watcher.CommandResume, resumeLimit))
	})
}

// hangRedis stops the process of Redis for a moment.
func hangRedis(ctx context.Context, server *servers.Redis) error {
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop Redis: %w", err)
	}
	_ = retry.Sleep(ctx, hangTime)
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

// floodWithEdits gives contacts a tag and takes it away again, until there were 10,000 edits.
func floodWithEdits(ctx context.Context, connections app.Connections) error {
	return connections.WithDatabase(func(db *mongo.Database) error {
		contacts := db.Collection(grapevine.CollectionContacts)
		ids, err := someContacts(ctx, contacts, floodEdits/2)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return fmt.Errorf("there are no contacts to edit in the workspace %q; `grapevine seed` adds some", grapevine.DefaultWorkspace)
		}
		edit := func(operator string) error {
			// MongoDB finishes an edit of many contacts even if nobody waits for it. So it is waited for: the tag must not
			// arrive after it was taken away.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), editLimit)
			defer cancel()
			_, err := contacts.UpdateMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
				bson.D{{Key: operator, Value: bson.D{{Key: "tags", Value: floodTag}}}})
			return err
		}
		for edits := 0; edits < floodEdits && ctx.Err() == nil; edits += 2 * len(ids) {
			if err := errors.Join(edit("$addToSet"), edit("$pull")); err != nil {
				return fmt.Errorf("edit contacts: %w", err)
			}
		}
		return nil
	})
}

// someContacts returns the ids of at most n contacts of the default workspace that have a list of tags. Without one, a contact
// would have an empty list afterwards.
func someContacts(ctx context.Context, contacts *mongo.Collection, n int64) ([]bson.ObjectID, error) {
	filter := bson.D{{Key: "workspace", Value: grapevine.DefaultWorkspace}, {Key: "tags", Value: bson.D{{Key: "$type", Value: "array"}, {Key: "$ne", Value: floodTag}}}}
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
