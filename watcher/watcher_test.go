package watcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
)

func TestEveryChangeReachesEveryEffectOnceInOrder(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	ctx := context.Background()
	ids := r.insert(t, 2500)
	coll := r.db.Collection(grapevine.CollectionContacts)
	_, err := coll.UpdateMany(ctx, bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "x"}}}})
	require.NoError(t, err)
	_, err = coll.DeleteOne(ctx, bson.D{{Key: "_id", Value: ids[0]}})
	require.NoError(t, err)

	eventually(t, "the deletion", func() bool { return r.events.count(grapevine.Deleted) == 1 })
	for name, e := range map[string]*effect{"cache": r.cache, "jobs": r.jobs, "events": r.events} {
		got := e.contacts()
		require.Lenf(t, got, 5001, "%s", name)
		for i := 1; i < len(got); i++ {
			require.True(t, got[i-1].Position.Before(got[i].Position), "%s: %s then %s", name, got[i-1].Position, got[i].Position)
		}
		require.Equal(t, []string{"notes"}, got[2600].Changed)
		require.Equal(t, grapevine.Direct, got[2600].Source)
		require.Empty(t, got[2600].Before.Notes)
		require.Equal(t, "x", got[2600].After.Notes)
		require.Equal(t, "x", got[5000].Before.Notes, "a deletion carries the last state of the contact")
	}
}

func TestTransactionSharesOneTime(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	session, err := r.db.Client().StartSession()
	require.NoError(t, err)
	defer session.EndSession(context.Background())
	_, err = session.WithTransaction(context.Background(), func(ctx context.Context) (any, error) {
		for range 20 {
			if _, err := r.db.Collection(grapevine.CollectionContacts).InsertOne(ctx, bson.D{{Key: "workspace", Value: "default"}}); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	require.NoError(t, err)
	at := session.OperationTime()
	eventually(t, "20 events", func() bool { return r.events.count(grapevine.Created) == 20 })
	for n, c := range r.events.contacts() {
		require.Equal(t, grapevine.NewPosition(at.T, at.I, uint64(n)), c.Position)
	}
}

func TestRestartContinuesFromTheCheckpoint(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	r.start(t)
	r.insert(t, 3)
	eventually(t, "3 events", func() bool { return r.events.count(grapevine.Created) == 3 })
	r.stop()
	require.Zero(t, r.rdb.Exists(context.Background(), r.Prefix+grapevine.KeyLease).Val(), "the lease is released")
	r.insert(t, 4)

	again := newRig(t, env)
	again.start(t)
	eventually(t, "the 4 contacts written while no watcher ran", func() bool { return again.events.count(grapevine.Created) == 4 })
	require.Zero(t, again.events.count(grapevine.Resync), "nothing was lost, so no client is told to read again")
	require.Equal(t, 0, again.backfill.reconciled)
}

func TestEffectThatFailsGetsTheSameBatchAgain(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	failures := 0
	r.jobs.failing(func(changes []grapevine.Change) error {
		if failures < 3 && changes[len(changes)-1].Op == grapevine.Created {
			failures++
			return errors.New("Redis is down")
		}
		return nil
	})
	before := r.Applied()
	r.insert(t, 1)
	eventually(t, "the job", func() bool { return r.jobs.count(grapevine.Created) == 1 })
	require.Equal(t, 3, failures)
	require.GreaterOrEqual(t, r.cache.count(grapevine.Created), 4, "the cache is invalidated again before each try")
	eventually(t, "the checkpoint", func() bool { return before.Before(r.Applied()) })
}

func TestDeadLetterDoesNotStopTheRest(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	ctx := context.Background()
	coll := r.db.Collection(grapevine.CollectionContacts)
	_, err := coll.InsertOne(ctx, bson.D{{Key: "_id", Value: "not an ObjectID"}})
	require.NoError(t, err)
	r.insert(t, 1)
	eventually(t, "the next one", func() bool { return r.events.count(grapevine.Created) == 1 })
	got := r.events.all()
	require.Equal(t, grapevine.Resync, got[len(got)-2].Op)
	var dead bson.M
	require.NoError(t, r.db.Collection(grapevine.CollectionDeadLetters).FindOne(ctx, bson.D{{Key: "_id", Value: got[len(got)-2].Position.String()}}).Decode(&dead))
	require.Contains(t, dead["reason"], "not an ObjectID")
	require.Equal(t, "not an ObjectID", dead["key"])
}

func TestEffectGivesUpOneChange(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	r.events.failing(func(changes []grapevine.Change) error {
		for _, c := range changes {
			if c.After != nil && c.After.Notes == "poison" {
				return fmt.Errorf("append: %w", &grapevine.DeadLetter{Position: c.Position, Reason: "too large"})
			}
		}
		return nil
	})
	ctx := context.Background()
	_, err := r.db.Collection(grapevine.CollectionContacts).InsertMany(ctx, []any{bson.D{{Key: "notes", Value: "a"}}, bson.D{{Key: "notes", Value: "poison"}}, bson.D{{Key: "notes", Value: "b"}}})
	require.NoError(t, err)
	eventually(t, "the other two", func() bool { return r.events.count(grapevine.Created) == 2 })
	got := r.events.all()
	require.Equal(t, grapevine.Resync, got[len(got)-2].Op)
	require.Contains(t, got[len(got)-2].Reason, "too large")
	n, err := r.db.Collection(grapevine.CollectionDeadLetters).CountDocuments(ctx, bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func TestDroppedAndReplacedCollection(t *testing.T) {
	for name, do := range map[string]func(context.Context, *mongo.Database) error{
		"drop": func(ctx context.Context, db *mongo.Database) error {
			return db.Collection(grapevine.CollectionContacts).Drop(ctx)
		},
		"rename away": func(ctx context.Context, db *mongo.Database) error {
			return db.Client().Database("admin").RunCommand(ctx, bson.D{{Key: "renameCollection", Value: db.Name() + ".contacts"}, {Key: "to", Value: db.Name() + ".old"}}).Err()
		},
		"$out onto it": func(ctx context.Context, db *mongo.Database) error {
			_, err := db.Collection(grapevine.CollectionContacts).Aggregate(ctx, mongo.Pipeline{{{Key: "$out", Value: grapevine.CollectionContacts}}})
			return err
		},
		"dropDatabase": func(ctx context.Context, db *mongo.Database) error { return db.Drop(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, realtest.New(t))
			r.start(t)
			ctx := context.Background()
			r.insert(t, 2)
			eventually(t, "2 events", func() bool { return r.events.count(grapevine.Created) == 2 })
			resyncs := r.events.count(grapevine.Resync)
			require.NoError(t, do(ctx, r.db))
			eventually(t, "a resync", func() bool { return r.events.count(grapevine.Resync) > resyncs })
			r.streaming(t)
			kept := r.insert(t, 1)
			_, err := r.db.Collection(grapevine.CollectionContacts).DeleteOne(ctx, bson.D{{Key: "_id", Value: kept[0]}})
			require.NoError(t, err)
			eventually(t, "the new collection has pre-images", func() bool { return r.events.count(grapevine.Deleted) == 1 })
		})
	}
}

func TestImagesMissing(t *testing.T) {
	env := realtest.New(t)
	r := newRig(t, env)
	r.start(t)
	ctx, contacts := context.Background(), r.db.Collection(grapevine.CollectionContacts)
	ids := r.insert(t, 2)
	require.NoError(t, r.db.RunCommand(ctx, bson.D{{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: false}}}}).Err())
	resyncs := r.events.count(grapevine.Resync)
	_, err := contacts.UpdateByID(ctx, ids[0], bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "n"}}}})
	require.NoError(t, err)
	eventually(t, "a resync for the update", func() bool { return r.events.count(grapevine.Resync) == resyncs+1 })
	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: ids[1]}})
	require.NoError(t, err)
	eventually(t, "a resync for the deletion", func() bool { return r.events.count(grapevine.Resync) == resyncs+2 })

	// A script updates many contacts at once. The changes are read in few batches, and each needs one resync.
	inserted := r.events.count(grapevine.Created)
	r.insert(t, 500)
	eventually(t, "500 contacts", func() bool { return r.events.count(grapevine.Created) == inserted+500 })
	r.stop()
	_, err = contacts.UpdateMany(ctx, bson.D{}, bson.D{{Key: "$set", Value: bson.D{{Key: "owner", Value: "bob"}}}})
	require.NoError(t, err)
	_, err = contacts.DeleteOne(ctx, bson.D{{Key: "_id", Value: ids[0]}})
	require.NoError(t, err)
	again := newRig(t, env)
	again.start(t)
	last := r.insert(t, 1)
	eventually(t, "the change after them", func() bool { return again.events.count(grapevine.Created) == 1 })
	require.LessOrEqual(t, again.events.count(grapevine.Resync), 2, "one for each batch, not one for each change")
	require.Positive(t, again.events.count(grapevine.Resync))
	got := again.events.contacts()
	require.Equal(t, last[0].Hex(), got[len(got)-1].ID)
}

func TestOversizedChange(t *testing.T) {
	r := newRig(t, realtest.New(t))
	splits := splitsEvents(t, r)
	r.start(t)
	ctx := context.Background()
	id := bson.NewObjectID()
	_, err := r.db.Collection(grapevine.CollectionContacts).InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "workspace", Value: "default"}, {Key: "notes", Value: strings.Repeat("x", 9<<20)}})
	require.NoError(t, err)
	_, err = r.db.Collection(grapevine.CollectionContacts).UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "a.b", Value: 1}, {Key: "small", Value: true}}}})
	require.NoError(t, err)
	r.insert(t, 1)
	eventually(t, "the change after it", func() bool { return r.events.count(grapevine.Created) == 2 })
	got := r.events.all()
	updated := got[len(got)-2]
	require.Equal(t, grapevine.Updated, updated.Op)
	require.Equal(t, []string{"a", "small"}, updated.Changed)
	require.Len(t, updated.After.Notes, 9<<20)
	require.Equal(t, grapevine.Direct, updated.Source)
	_, err = r.db.Collection(grapevine.CollectionContacts).UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "workspace", Value: "other"}}}})
	require.NoError(t, err)
	if splits {
		eventually(t, "the change with both images", func() bool {
			got := r.events.contacts()
			last := got[len(got)-1]
			return last.Op == grapevine.Updated && last.Before != nil && last.Before.Workspace == "default" && last.After.Workspace == "other"
		})
		resyncs := r.events.count(grapevine.Resync)
		for _, text := range []string{"y", "z"} { // the second has 45 MB: both images and the new value
			_, err = r.db.Collection(grapevine.CollectionContacts).UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: strings.Repeat(text, 15<<20)}}}})
			require.NoError(t, err)
		}
		r.insert(t, 1)
		eventually(t, "the change after them", func() bool { return r.events.count(grapevine.Created) == 3 })
		got = r.events.contacts()
		got = got[len(got)-3:]
		require.Equal(t, []grapevine.Op{grapevine.Updated, grapevine.Updated, grapevine.Created}, []grapevine.Op{got[0].Op, got[1].Op, got[2].Op})
		require.True(t, got[0].Position.Before(got[1].Position) && got[1].Position.Before(got[2].Position))
		require.Equal(t, "y", got[1].Before.Notes[:1])
		require.Equal(t, "z", got[1].After.Notes[15<<20-1:])
		require.Equal(t, resyncs, r.events.count(grapevine.Resync))
		require.InDelta(t, 0, count(t, r.metrics.oversized), 0)
		return
	}
	resyncs := r.events.count(grapevine.Resync)
	eventually(t, "a resync, because the workspace that it left is unknown", func() bool {
		return r.events.count(grapevine.Resync) > resyncs || r.events.all()[len(r.events.all())-1].Op == grapevine.Resync
	})
}

func TestOneOfTwoWatchersWorks(t *testing.T) {
	env := realtest.New(t)
	a, b := newRig(t, env), newRig(t, env)
	a.start(t)
	b.run(t)
	a.insert(t, 5)
	eventually(t, "5 events at the holder", func() bool { return a.events.count(grapevine.Created) == 5 })
	require.Zero(t, b.events.count(grapevine.Created))
	handover := realtest.StartStopwatch(t)
	a.stop()
	b.streaming(t)
	require.Less(t, handover.Stop(), handover.Allow(4*time.Second), "a released lease is acquired at the next poll; the rest is the first heartbeat")
	b.insert(t, 5)
	eventually(t, "5 events at the other instance", func() bool { return b.events.count(grapevine.Created) == 5 })
}

func TestPauseAndResume(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := Submit(ctx, r.db, Command{Name: CommandPause, RequestedBy: "test"})
	require.NoError(t, err)
	eventually(t, "it is paused", r.inState(Paused))
	r.insert(t, 2)
	_, err = Submit(ctx, r.db, Command{Name: CommandResume, RequestedBy: "test"})
	require.NoError(t, err)
	eventually(t, "the changes that waited", func() bool { return r.events.count(grapevine.Created) == 2 })

	created := r.events.contacts()
	from := created[len(created)-2].Position
	jobs, events := r.jobs.count(grapevine.Created), r.events.count(grapevine.Created)
	_, err = Submit(ctx, r.db, Command{Name: CommandReplay, RequestedBy: "test", From: from.String(), Effects: []string{EffectJobs}})
	require.NoError(t, err)
	require.Equal(t, jobs+2, r.jobs.count(grapevine.Created))
	require.Equal(t, events, r.events.count(grapevine.Created), "no event is broadcast twice")
	_, err = Submit(ctx, r.db, Command{Name: CommandReplay, RequestedBy: "test", From: from.String(), Effects: []string{EffectEvents}})
	require.ErrorContains(t, err, "cannot be replayed")
}
