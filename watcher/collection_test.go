package watcher

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

const imports = "imports"

func decodeImport(e Event, at grapevine.Position) (grapevine.Change, error) {
	if broken, _ := e.After.Lookup("broken").BooleanOK(); broken {
		return grapevine.Change{}, errors.New("it is broken")
	}
	id, _ := e.Key.StringValueOK()
	return grapevine.Change{Op: grapevine.Updated, Position: at, At: e.Committed, ID: id}, nil
}

// importEffects are the effects of a second collection.
type importEffects struct{ cache, jobs, events *effect }

func newImports() (importEffects, Collection) {
	e := importEffects{&effect{}, &effect{}, &effect{}}
	return e, Collection{
		Name: imports, Decode: decodeImport,
		Stages: []Stage{{EffectCache: e.cache}, {EffectJobs: e.jobs, EffectEvents: e.events}},
	}
}

func TestSecondCollectionTakesNoNumberOfContacts(t *testing.T) {
	effects, collection := newImports()
	r := newRig(t, realtest.New(t), collection)
	r.start(t)
	session, err := r.db.Client().StartSession()
	require.NoError(t, err)
	defer session.EndSession(context.Background())
	_, err = session.WithTransaction(context.Background(), func(ctx context.Context) (any, error) {
		for _, name := range []string{imports, grapevine.CollectionContacts, imports, grapevine.CollectionContacts} {
			document := bson.D{{Key: "workspace", Value: "default"}}
			if name == imports {
				document = bson.D{{Key: "_id", Value: bson.NewObjectID().Hex()}}
			}
			if _, err := r.db.Collection(name).InsertOne(ctx, document); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	require.NoError(t, err)
	at := session.OperationTime()
	eventually(t, "2 contacts", func() bool { return r.events.count(grapevine.Created) == 2 })
	for n, c := range r.events.contacts() {
		require.Equal(t, grapevine.NewPosition(at.T, at.I, uint64(n)), c.Position)
	}
	eventually(t, "2 imports", func() bool { return effects.events.count(grapevine.Updated) == 2 })
	for _, c := range effects.events.contacts() {
		require.Equal(t, grapevine.NewPosition(at.T, at.I, 0), c.Position)
	}
	require.Zero(t, r.cache.count(grapevine.Updated), "an effect gets the changes of its collection only")
	require.Equal(t, 2, effects.jobs.count(grapevine.Updated))
}

func TestEventsAreNumberedByCollection(t *testing.T) {
	_, collection := newImports()
	r := newRig(t, realtest.New(t), collection)
	st := stream{streams: r.streams}
	var got []string
	for _, name := range []string{imports, grapevine.CollectionContacts, imports, grapevine.CollectionContacts, grapevine.CollectionHeartbeats, imports} {
		var b batch
		at := bson.Timestamp{T: 7, I: 3}
		if name == grapevine.CollectionHeartbeats {
			at.I = 4
		}
		raw, err := bson.Marshal(bson.D{
			{Key: "_id", Value: bson.D{{Key: "_data", Value: "82"}}},
			{Key: "operationType", Value: "delete"},
			{Key: "clusterTime", Value: at},
			{Key: "ns", Value: bson.D{{Key: "coll", Value: name}}},
			{Key: "documentKey", Value: bson.D{{Key: "_id", Value: someID}}},
		})
		require.NoError(t, err)
		require.NoError(t, st.addEvent(t.Context(), &b, raw))
		require.Equal(t, "82", b.token)
		require.Equal(t, name == imports, b.position.IsZero(), "only a numbered change moves the checkpoint's position")
		got = append(got, b.groups[0].changes[0].Position.String())
	}
	require.Equal(t, []string{"30064771075-0", "30064771075-0", "30064771075-0", "30064771075-1", "30064771076-0", "30064771075-0"}, got)
}

func TestRestartContinuesWithTheSecondCollection(t *testing.T) {
	env := realtest.New(t)
	_, collection := newImports()
	r := newRig(t, env, collection)
	r.start(t)
	insertImport(t, r, bson.D{{Key: "_id", Value: "one"}})
	r.insert(t, 1)
	eventually(t, "1 contact", func() bool { return r.events.count(grapevine.Created) == 1 })
	r.stop()
	insertImport(t, r, bson.D{{Key: "_id", Value: "two"}})

	effects, collection := newImports()
	again := newRig(t, env, collection)
	again.start(t)
	eventually(t, "the import written while no watcher ran", func() bool { return effects.events.count(grapevine.Updated) == 1 })
	require.Equal(t, "two", effects.events.all()[0].ID)
	require.Zero(t, again.events.count(grapevine.Resync))
}

func TestDeadLetterOfTheSecondCollection(t *testing.T) {
	ctx := context.Background()
	effects, collection := newImports()
	r := newRig(t, realtest.New(t), collection)
	r.start(t)
	resyncs := r.events.count(grapevine.Resync)
	insertImport(t, r, bson.D{{Key: "_id", Value: "one"}, {Key: "broken", Value: true}})
	effects.cache.failing(func(changes []grapevine.Change) error {
		if i := slices.IndexFunc(changes, func(c grapevine.Change) bool { return c.ID == "two" && c.Op != grapevine.Resync }); i >= 0 {
			return &grapevine.DeadLetter{Position: changes[i].Position, Reason: "too large"}
		}
		return nil
	})
	insertImport(t, r, bson.D{{Key: "_id", Value: "two"}})
	insertImport(t, r, bson.D{{Key: "_id", Value: "three"}})
	eventually(t, "the next import", func() bool { return effects.events.count(grapevine.Updated) == 1 })
	require.Equal(t, 3, effects.events.count(grapevine.Resync), "one at the first start, and one for each dead letter")
	require.Equal(t, resyncs, r.events.count(grapevine.Resync), "the effects of contacts are not told")
	dead, err := DeadLetters(ctx, r.db)
	require.NoError(t, err)
	require.Len(t, dead, 2)
	for _, record := range dead {
		require.Equal(t, imports, record.Collection)
		require.Contains(t, record.Position, "/"+imports+"/")
		_, err = submit(t, r, Command{Name: CommandRetryDead, From: record.Position})
		require.ErrorContains(t, err, "only changes of contacts can be retried")
	}
}

func TestDroppedSecondCollection(t *testing.T) {
	effects, collection := newImports()
	r := newRig(t, realtest.New(t), collection)
	r.start(t)
	insertImport(t, r, bson.D{{Key: "_id", Value: "one"}})
	eventually(t, "the import", func() bool { return effects.events.count(grapevine.Updated) == 1 })
	require.NoError(t, r.db.Collection(imports).Drop(context.Background()))
	eventually(t, "a resync of both", func() bool {
		return effects.events.count(grapevine.Resync) == 2 && r.events.count(grapevine.Resync) == 2
	})
	require.Zero(t, effects.jobs.count(grapevine.Resync), "jobs are found by the scan")
	r.streaming(t)
}

// The caches of all collections are invalidated before any other effect of the same batch.
func TestFirstStepOfAllCollectionsComesFirst(t *testing.T) {
	effects, collection := newImports()
	r := newRig(t, realtest.New(t), collection)
	r.start(t)
	r.stop()
	var mu sync.Mutex
	var order []string
	for name, e := range map[string]*effect{"cache": r.cache, "import cache": effects.cache, "jobs": r.jobs, "events": r.events, "import jobs": effects.jobs, "import events": effects.events} {
		e.failing(func([]grapevine.Change) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			return nil
		})
	}
	s := &session{Watcher: r.Watcher, lease: &lease{}}
	var b batch
	b.add(r.streams.contacts, grapevine.Change{Op: grapevine.Heartbeat})
	b.add(r.streams.collection(imports), grapevine.Change{Op: grapevine.Updated})
	trace := Trace{Effects: map[string]time.Duration{}}
	for stage := range b.stages() {
		require.NoError(t, s.applyStage(t.Context(), &b, stage, &trace))
	}
	require.ElementsMatch(t, []string{"cache", "import cache"}, order[:2])
	require.Len(t, order, 6)
	require.Len(t, trace.Effects, 3, "the trace is of contacts")
}

func insertImport(t *testing.T, r *rig, document bson.D) {
	t.Helper()
	_, err := r.db.Collection(imports).InsertOne(context.Background(), document)
	require.NoError(t, err)
}
