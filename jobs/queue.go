package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/retry"
	"grapevine/jobs/asynqx"
)

// minRetry allows for a worker that crashes, which alone may use up several retries.
const minRetry = 5

// QueueConfig configures a [Queue]. Database is required.
type QueueConfig struct {
	Database       string                   // MongoDB's database, which names the queues
	MaxRetry       int                      // further runs of a failed task before it is archived, at least 5; zero means 10
	Timeout        time.Duration            // of one run of a handler, in whole seconds; zero means 15 s
	Retention      time.Duration            // how long a finished task stays visible, in whole seconds; zero means 1 h
	EventRetention time.Duration            // how far back the event log reaches; zero means 1 h
	Now            func() (time.Time, bool) // MongoDB's time (grapevine.Clock.Now); nil means that no digest is too old
	Concurrency    int                      // goroutines that enqueue one batch, and so tasks per round trip; zero means 64
	Logger         *slog.Logger             // nil discards
	Registerer     prometheus.Registerer    // nil registers no metrics
}

func (c QueueConfig) withDefaults() QueueConfig {
	c.MaxRetry = cmp.Or(c.MaxRetry, 10)
	c.Timeout = cmp.Or(c.Timeout, 15*time.Second)
	c.Retention = cmp.Or(c.Retention, time.Hour)
	c.EventRetention = cmp.Or(c.EventRetention, time.Hour)
	c.Concurrency = cmp.Or(c.Concurrency, 64)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = func() (time.Time, bool) { return time.Time{}, false }
	}
	return c
}

// validate names the first field that cannot work.
func (c QueueConfig) validate() error {
	switch {
	case c.Database == "":
		return errors.New("jobs: QueueConfig.Database is missing")
	case c.MaxRetry < minRetry:
		return fmt.Errorf("jobs: QueueConfig.MaxRetry is %d, which is below %d", c.MaxRetry, minRetry)
	case c.Timeout < 0 || c.Timeout%time.Second != 0:
		return fmt.Errorf("jobs: QueueConfig.Timeout is %s, which is not a positive number of seconds", c.Timeout)
	case c.Retention < 0 || c.Retention%time.Second != 0:
		return fmt.Errorf("jobs: QueueConfig.Retention is %s, which is not a positive number of seconds", c.Retention)
	case c.EventRetention < 0:
		return fmt.Errorf("jobs: QueueConfig.EventRetention is %s, which is negative", c.EventRetention)
	case c.Concurrency < 0:
		return fmt.Errorf("jobs: QueueConfig.Concurrency is %d, which is negative", c.Concurrency)
	}
	return nil
}

// Queue enqueues tasks. Safe for concurrent use.
type Queue struct {
	rdb             *redis.Client
	cfg             QueueConfig
	names           queueNames
	log             *slog.Logger
	archivedLimiter retry.Limiter
	watched         *watchlist
	metrics         queueMetrics
}

// NewQueue uses rdb, which the caller closes. The client may retry: a repeated enqueue meets the id of its
// own task. The error names a field of cfg that cannot work.
func NewQueue(rdb *redis.Client, cfg QueueConfig) (*Queue, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Queue{
		rdb: rdb, cfg: cfg, names: queuesOf(cfg.Database), log: cfg.Logger,
		watched: newWatchlist(), metrics: newQueueMetrics(cfg.Registerer),
	}, nil
}

// Apply enqueues the tasks that the changes ask for. nil means that each of them is enqueued, or was before.
// After an error any of them may be missing, and the caller has to apply the batch again. No change is
// skipped because Redis refused it.
//
// [grapevine.ErrTailLost] means that our queues are not registered, so Asynq's keys were deleted: a
// [Backfiller] has to enqueue their tasks again. A Reconciler also has to register the queues before the first batch.
func (q *Queue) Apply(ctx context.Context, batch grapevine.Batch) error {
	if err := q.checkRegistered(ctx); err != nil {
		return err
	}
	plan := planTasks(batch.Changes, q.oldestDigest())
	q.metrics.badIDs.Add(float64(plan.badIDs))
	q.metrics.oldDigests.Add(float64(plan.oldDigests))
	_, err := q.enqueue(ctx, plan.tasks)
	return err
}

// oldestDigest is when the event log begins. It is zero while MongoDB's time is unknown.
func (q *Queue) oldestDigest() time.Time {
	now, ok := q.cfg.Now()
	if !ok {
		return time.Time{}
	}
	return now.Add(-q.cfg.EventRetention)
}

// register lists the queues in Redis.
func (q *Queue) register(ctx context.Context) error {
	return asynqx.Register(ctx, q.rdb, q.names.list()...)
}

func (q *Queue) checkRegistered(ctx context.Context) error {
	missing, err := asynqx.Missing(ctx, q.rdb, q.names.list()...)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("the queues %q are gone: %w", missing, grapevine.ErrTailLost)
	}
	return nil
}

// enqueue puts the tasks into their queues and returns how many of them were new.
func (q *Queue) enqueue(ctx context.Context, tasks []task) (enqueued int64, err error) {
	if len(tasks) == 0 {
		return 0, nil
	}
	q.watched.add(taskIDs(tasks)...) // those that fail too: they may be there in part
	enqueued, conflicts, err := q.enqueueNew(ctx, tasks)
	if err != nil || len(conflicts) == 0 {
		return enqueued, err
	}
	freed, err := q.resolveConflicts(ctx, conflicts)
	if err != nil || len(freed) == 0 {
		return enqueued, err
	}
	more, _, err := q.enqueueNew(ctx, freed)
	return enqueued + more, err
}

// enqueueNew passes each task to Asynq and lists those whose id is taken.
func (q *Queue) enqueueNew(ctx context.Context, tasks []task) (enqueued int64, conflicts []task, err error) {
	var mu sync.Mutex
	var next, added atomic.Int64
	client := asynqx.NewBatchClient(q.rdb)
	g, ctx := errgroup.WithContext(ctx)
	for range min(q.cfg.Concurrency, len(tasks)) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tasks) {
					return nil
				}
				switch err := q.enqueueOne(ctx, client, tasks[i]); {
				case err == nil:
					added.Add(1)
				case errors.Is(err, asynq.ErrTaskIDConflict):
					mu.Lock()
					conflicts = append(conflicts, tasks[i])
					mu.Unlock()
				default:
					return fmt.Errorf("enqueue %s: %w", tasks[i].id, err)
				}
			}
		})
	}
	err = g.Wait()
	return added.Load(), conflicts, err
}

func (q *Queue) enqueueOne(ctx context.Context, client *asynq.Client, t task) error {
	retention := q.cfg.Retention
	if t.kind == TypeDigest {
		// The id must stay taken for as long as a replay may ask for it.
		retention = max(retention, q.cfg.EventRetention+10*time.Minute)
	}
	timeout := q.cfg.Timeout
	if t.kind == TypeImport {
		timeout = importTimeout
	}
	opts := []asynq.Option{
		asynq.TaskID(t.id), asynq.Queue(q.names.queueFor(t)), asynq.MaxRetry(q.cfg.MaxRetry),
		asynq.Timeout(timeout), asynq.Retention(retention),
	}
	if !t.due.IsZero() {
		opts = append(opts, asynq.ProcessAt(t.due))
	}
	_, err := client.EnqueueContext(ctx, asynq.NewTask(t.kind, t.payload), opts...)
	if err == nil {
		q.metrics.enqueued.WithLabelValues(t.kind).Inc()
	}
	return err
}
