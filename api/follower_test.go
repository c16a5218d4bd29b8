package api_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/cache"
	"grapevine/store"
)

// follower is a watermark like that of the product: it moves after the cache was invalidated.
type follower struct {
	mu    sync.Mutex
	at    grapevine.Position
	held  bool
	moved chan struct{}
}

// follow follows db's change stream, with a heartbeat every 50 ms, until the test ends.
func follow(t testing.TB, db *mongo.Database, c *cache.Cache) *follower {
	t.Helper()
	f := &follower{moved: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := db.Watch(ctx, mongo.Pipeline{}, options.ChangeStream().
		SetFullDocument(options.WhenAvailable).SetFullDocumentBeforeChange(options.WhenAvailable))
	require.NoError(t, err)
	var wait sync.WaitGroup
	wait.Go(func() {
		for stream.Next(ctx) {
			f.apply(ctx, stream.Current, c)
		}
		_ = stream.Close(context.Background())
	})
	wait.Go(func() {
		for tick := time.NewTicker(50 * time.Millisecond); ctx.Err() == nil; {
			_, _ = db.Collection("heartbeats").UpdateOne(ctx, bson.D{{Key: "_id", Value: "test"}},
				bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}, options.UpdateOne().SetUpsert(true))
			select {
			case <-ctx.Done():
				tick.Stop()
			case <-tick.C:
			}
		}
	})
	t.Cleanup(func() { cancel(); wait.Wait() })
	require.Eventually(t, func() bool { return !f.Watermark().IsZero() }, 30*time.Second, time.Millisecond)
	return f
}

func (f *follower) apply(ctx context.Context, raw bson.Raw, c *cache.Cache) {
	ts, i := raw.Lookup("clusterTime").Timestamp()
	change := grapevine.Change{Op: grapevine.Heartbeat, Position: grapevine.NewPosition(ts, i, 0)}
	if raw.Lookup("ns", "coll").StringValue() == grapevine.CollectionContacts {
		change.Op = grapevine.Updated
		for name, to := range map[string]**grapevine.Contact{"fullDocument": &change.After, "fullDocumentBeforeChange": &change.Before} {
			if doc, ok := raw.Lookup(name).DocumentOK(); ok {
				if contact, err := store.Decode(doc); err == nil {
					*to, change.ID = &contact, contact.ID
				}
			}
		}
		if change.ID == "" { // a drop or an index: no contact is named
			change.Op = grapevine.Resync
		} else if change.Before == nil {
			change.Op = grapevine.Created
		} else if change.After == nil {
			change.Op = grapevine.Deleted
		}
	}
	for c.Apply(ctx, grapevine.Batch{Changes: []grapevine.Change{change}}) != nil && ctx.Err() == nil {
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.held && f.at.Before(change.Position) {
		f.at = change.Position
		close(f.moved)
		f.moved = make(chan struct{})
	}
}

// hold stops the watermark until release, like a watcher with a backlog.
func (f *follower) hold()    { f.mu.Lock(); f.held = true; f.mu.Unlock() }
func (f *follower) release() { f.mu.Lock(); f.held = false; f.mu.Unlock() }

func (f *follower) Watermark() grapevine.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *follower) WaitFor(ctx context.Context, p grapevine.Position) error {
	for {
		f.mu.Lock()
		at, moved := f.at, f.moved
		f.mu.Unlock()
		if !at.Before(p) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}
