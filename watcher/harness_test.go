package watcher

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }

// effect keeps the changes that it is given, and can be made to fail.
type effect struct {
	mu   sync.Mutex
	got  []grapevine.Change
	fail func([]grapevine.Change) error
}

func (e *effect) Apply(_ context.Context, batch grapevine.Batch) error {
	changes := batch.Changes
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		if err := e.fail(changes); err != nil {
			return err
		}
	}
	e.got = append(e.got, changes...)
	return nil
}

func (e *effect) failing(f func([]grapevine.Change) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail = f
}

// all are the changes so far, without heartbeats.
func (e *effect) all() []grapevine.Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(e.got), func(c grapevine.Change) bool { return c.Op == grapevine.Heartbeat })
}

// contacts are the changes of contacts so far, without heartbeats and resyncs.
func (e *effect) contacts() []grapevine.Change {
	return slices.DeleteFunc(e.all(), func(c grapevine.Change) bool { return c.Op == grapevine.Resync })
}

func (e *effect) count(op grapevine.Op) int {
	n := 0
	for _, c := range e.all() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// backfill counts the scans that were requested. Its first start is at the first call of Began.
type backfill struct {
	mu                     sync.Mutex
	now                    func() grapevine.Position
	began                  grapevine.Position
	ledgerLost             bool
	reconciled, preexisted int
	after                  []string
	fail                   error
}

func (b *backfill) Began(context.Context) (grapevine.Position, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.began.IsZero() {
		b.began = b.now()
	}
	return b.began, nil
}

func (b *backfill) Register(context.Context) error           { return nil }
func (b *backfill) LedgerLost(context.Context) (bool, error) { return b.ledgerLost, nil }

func (b *backfill) EnqueueMissing(ctx context.Context, after string, progress Progress) error {
	b.mu.Lock()
	b.reconciled++
	b.after = append(b.after, after)
	err := b.fail
	b.mu.Unlock()
	return errors.Join(progress(ctx, "000000000000000000000001", 1, 1), err)
}

func (b *backfill) MarkPreexisting(ctx context.Context, after string, progress Progress) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.preexisted++
	return progress(ctx, "", 0, 0)
}

func (b *backfill) Sweep(context.Context, bool) (next time.Duration, err error) {
	return time.Hour, nil
}

// rig is a watcher on a database of its own, with effects that keep the changes that they are given.
type rig struct {
	*Watcher
	decode              func(bson.Raw) (grapevine.Contact, error)
	db                  *mongo.Database
	rdb                 *redis.Client
	cache, jobs, events *effect
	backfill            *backfill
	stop                func()
}

func newRig(t *testing.T, env realtest.Env, others ...Collection) *rig {
	t.Helper()
	clock := &grapevine.Clock{}
	client, err := mongo.Connect(options.Client().ApplyURI(env.MongoURI).SetMonitor(mongox.ClusterTimeMonitor(clock.Observe)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	r := &rig{
		db: client.Database(env.Database), rdb: env.Redis(t),
		cache: &effect{}, jobs: &effect{}, events: &effect{}, backfill: &backfill{now: clock.Newest}, decode: decodeForTest,
	}
	level := slog.LevelError + 1
	if os.Getenv("LOG") != "" {
		level = slog.LevelDebug
	}
	r.Watcher, err = New(Config{
		DB: r.db, Redis: r.rdb, Prefix: grapevine.KeyPrefix(env.Database), Instance: t.Name(), Clock: clock,
		Collections: append([]Collection{{
			Name: grapevine.CollectionContacts, Decode: ContactDecoder(func(raw bson.Raw) (grapevine.Contact, error) { return r.decode(raw) }, alwaysFormed),
			Stages: []Stage{{EffectCache: r.cache}, {EffectJobs: r.jobs, EffectEvents: r.events}},
		}}, others...),
		Backfill: r.backfill, Prepare: r.prepareContacts,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	})
	require.NoError(t, err)
	return r
}

func (r *rig) prepareContacts(ctx context.Context) error {
	images := bson.D{{Key: "enabled", Value: true}}
	err := r.db.CreateCollection(ctx, grapevine.CollectionContacts, options.CreateCollection().SetChangeStreamPreAndPostImages(images))
	var server mongo.ServerError
	if errors.As(err, &server) && server.HasErrorCode(48) { // it exists
		return r.db.RunCommand(ctx, bson.D{{Key: "collMod", Value: grapevine.CollectionContacts}, {Key: "changeStreamPreAndPostImages", Value: images}}).Err()
	}
	return err
}

func alwaysFormed(bson.Raw, *grapevine.Contact) bool { return true }

func decodeForTest(raw bson.Raw) (grapevine.Contact, error) {
	id, ok := raw.Lookup("_id").ObjectIDOK()
	if !ok {
		return grapevine.Contact{}, errors.New("_id is not an ObjectID")
	}
	c := grapevine.Contact{ID: id.Hex()}
	c.Workspace, _ = raw.Lookup("workspace").StringValueOK()
	c.Notes, _ = raw.Lookup("notes").StringValueOK()
	return c, nil
}

// run runs the watcher until stop is called or the test ends.
func (r *rig) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(t, <-done)
		})
	}
	t.Cleanup(r.stop)
}

// start runs the watcher and waits until it streams.
func (r *rig) start(t *testing.T) {
	t.Helper()
	r.run(t)
	r.streaming(t)
}

// stoppedAfterOne runs the watcher, writes one contact, and stops the watcher once its event is there.
func (r *rig) stoppedAfterOne(t *testing.T) {
	t.Helper()
	r.start(t)
	r.insert(t, 1)
	eventually(t, "1 event", func() bool { return r.events.count(grapevine.Created) == 1 })
	r.stop()
}

func (r *rig) inState(state State) func() bool {
	return func() bool {
		s, err := r.Status(context.Background())
		return err == nil && s.State == state
	}
}

func (r *rig) streaming(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		s, err := r.Status(context.Background())
		return err == nil && s.State == Streaming && s.LagMS != nil
	}, 20*time.Second, 5*time.Millisecond)
}

func (r *rig) insert(t *testing.T, n int) []bson.ObjectID {
	t.Helper()
	ids := make([]bson.ObjectID, n)
	docs := make([]any, n)
	for i := range docs {
		ids[i] = bson.NewObjectID()
		docs[i] = bson.D{{Key: "_id", Value: ids[i]}, {Key: "workspace", Value: "default"}, {Key: "n", Value: i}}
	}
	_, err := r.db.Collection(grapevine.CollectionContacts).InsertMany(context.Background(), docs)
	require.NoError(t, err)
	return ids
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, 20*time.Second, 5*time.Millisecond, what)
}
