package jobs

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/ledger"
	"grapevine/mail"
)

func TestMain(m *testing.M) { realtest.Main(m) }

// database is the name that the tests' queues bear. MongoDB's database has another one, which does not matter.
const database = "contacts"

// rig is a queue with its own databases in MongoDB and Redis.
type rig struct {
	rdb        *redis.Client
	db         *mongo.Database
	ledger     *ledger.Ledger
	queue      *Queue
	backfiller *Backfiller
	inspector  *asynq.Inspector
}

func newRig(t testing.TB, cfg QueueConfig) *rig {
	t.Helper()
	env := realtest.New(t)
	r := &rig{rdb: env.Redis(t), db: env.DB(t)}
	r.ledger = ledger.New(r.db)
	require.NoError(t, r.ledger.Prepare(t.Context()))
	r.queue = newQueue(t, r.rdb, cfg)
	r.backfiller = NewBackfiller(r.queue, r.ledger)
	require.NoError(t, r.queue.register(t.Context())) // as the first start does
	r.inspector = asynq.NewInspectorFromRedisClient(r.rdb)
	return r
}

// newQueue also takes a MaxRetry that is too small for production.
func newQueue(t testing.TB, rdb *redis.Client, cfg QueueConfig) *Queue {
	t.Helper()
	retries := cfg.MaxRetry
	cfg.MaxRetry = max(retries, minRetry)
	if retries == 0 {
		cfg.MaxRetry = 0
	}
	cfg.Database = database
	q, err := NewQueue(rdb, cfg)
	require.NoError(t, err)
	if retries > 0 {
		q.cfg.MaxRetry = retries
	}
	return q
}

func (r *rig) apply(t testing.TB, changes ...grapevine.Change) {
	t.Helper()
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: changes}))
}

// now is the current second, as in a position.
func now() uint32 { return uint32(time.Now().Unix()) }

// created is a change that creates a contact, at the given second of MongoDB's time.
func created(id bson.ObjectID, second uint32) grapevine.Change {
	c := person(id)
	return grapevine.Change{Op: grapevine.Created, Position: grapevine.NewPosition(second, 1, 0), ID: c.ID, After: &c}
}

func person(id bson.ObjectID) grapevine.Contact {
	c := grapevine.Contact{
		ID: id.Hex(), Workspace: "default", Kind: grapevine.Person, FirstName: "Ada", LastName: "Lovelace",
		Emails: []grapevine.Entry{{Value: "ada@example.org"}},
	}
	c.SetVirtual()
	return c
}

// outbox is a mailer that keeps its messages. fail, if set, decides first.
type outbox struct {
	fail func(m mail.Message) error

	mu   sync.Mutex
	sent []mail.Message
}

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	if o.fail != nil {
		if err := o.fail(m); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, m)
	return nil
}

func (o *outbox) ids() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	ids := make([]string, len(o.sent))
	for i, m := range o.sent {
		ids[i] = m.ID
	}
	return ids
}

// workerConfig configures a worker that finds every contact and whose watermark is far ahead.
func (r *rig) workerConfig(m Mailer) WorkerConfig {
	return WorkerConfig{
		Import: func(context.Context, string) (time.Duration, error) { return 0, nil },
		Contacts: func(_ context.Context, id string) (grapevine.Contact, bool, error) {
			oid, err := bson.ObjectIDFromHex(id)
			return person(oid), true, err
		},
		Count: func(context.Context, string, time.Time, time.Time) (created, updated, deleted int64, err error) {
			return 0, 0, 0, nil
		},
		Watermark: func() grapevine.Position { return grapevine.NewPosition(1<<31, 0, 0) },
		Mailer:    m, Queue: r.queue,
		RetryDelay: func(int, error) time.Duration { return 0 },
		Logger:     slog.New(slog.DiscardHandler),
	}
}

// newWorker makes a worker whose handlers a test calls directly.
func (r *rig) newWorker(t testing.TB, cfg WorkerConfig) *Worker {
	t.Helper()
	w, err := NewWorker(r.rdb, r.ledger, cfg)
	require.NoError(t, err)
	return w
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// start runs a worker until the test ends.
func (r *rig) start(t testing.TB, cfg WorkerConfig) *Worker {
	t.Helper()
	w := r.newWorker(t, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return w
}

// size is the number of welcomes in the given state.
func (r *rig) size(t testing.TB, of func(QueueSize) int64) int64 {
	t.Helper()
	sizes, err := NewQueueSizeReader(r.rdb, database).Read(context.Background())
	require.NoError(t, err)
	var n int64
	for _, s := range sizes {
		if s.Queue == r.queue.names.welcome {
			n += of(s)
		}
	}
	return n
}

func (r *rig) eventually(t testing.TB, n int64, what string, of func(QueueSize) int64) {
	t.Helper()
	require.Eventually(t, func() bool { return r.size(t, of) == n }, 20*time.Second, 10*time.Millisecond,
		"%d tasks %s", n, what)
}

func completed(s QueueSize) int64 { return s.Completed }
func archived(s QueueSize) int64  { return s.Archived }
func pending(s QueueSize) int64   { return s.Pending }

// effect is the ledger's row of a contact.
type effect struct {
	State   ledger.State `bson:"state"`
	Attempt int          `bson:"attempt"`
	Note    string       `bson:"note"`
}

// effect reads the ledger's row of a contact. It is empty if there is none.
func (r *rig) effect(t testing.TB, id bson.ObjectID) effect {
	t.Helper()
	var got effect
	err := r.db.Collection("effects").FindOne(context.Background(), bson.D{{Key: "_id", Value: id}}).Decode(&got)
	if err != nil {
		require.ErrorIs(t, err, mongo.ErrNoDocuments)
	}
	return got
}

// value of a counter.
func value(t testing.TB, m prometheus.Metric) float64 {
	t.Helper()
	var out dto.Metric
	require.NoError(t, m.Write(&out))
	return out.GetCounter().GetValue()
}
