package jobs

import (
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
)

// QueueConfig is how tasks are enqueued. The zero value is good.
type QueueConfig struct {
	MaxRetry    int                      // runs after the first before a task is archived; 0 means 10
	Timeout     time.Duration            // of one run of a handler, whole seconds; 0 means 15 s
	Retention   time.Duration            // a finished task stays visible this long, whole seconds; 0 means 1 h
	History     time.Duration            // how far back the history of events reaches; 0 means 1 h
	Now         func() (time.Time, bool) // MongoDB's time (grapevine.Clock.Now); nil or unknown: no digest is too old
	Concurrency int                      // goroutines that enqueue one batch, and so how many tasks share a round trip; 0 means 64
	Logger      *slog.Logger             // nil discards
	Registerer  prometheus.Registerer    // nil registers nothing
}

func (c QueueConfig) withDefaults() QueueConfig {
	orElse(&c.MaxRetry, 10)
	orElse(&c.Timeout, 15*time.Second)
	orElse(&c.Retention, time.Hour)
	orElse(&c.History, time.Hour)
	orElse(&c.Concurrency, 64)
	if c.Now == nil {
		c.Now = func() (time.Time, bool) { return time.Time{}, false }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate names the first field that cannot work.
func (c QueueConfig) Validate() error {
	switch {
	case c.MaxRetry != 0 && c.MaxRetry < 5:
		return fmt.Errorf("jobs: MaxRetry is %d, below 5: a worker's crash alone may cost several", c.MaxRetry)
	case c.Timeout < 0 || c.Timeout%time.Second != 0:
		return fmt.Errorf("jobs: Timeout %s is not a positive number of seconds", c.Timeout)
	case c.Retention < 0 || c.Retention%time.Second != 0:
		return fmt.Errorf("jobs: Retention %s is not a positive number of seconds", c.Retention)
	case c.History < 0:
		return fmt.Errorf("jobs: History %s is negative", c.History)
	case c.Concurrency < 0:
		return fmt.Errorf("jobs: Concurrency %d is negative", c.Concurrency)
	}
	return nil
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Queue enqueues tasks. Safe for concurrent use.
type Queue struct {
	rdb     *redis.Client
	ledger  *Ledger
	cfg     QueueConfig
	log     *slog.Logger
	quiet   *streak
	metrics queueMetrics
}

// NewQueue uses rdb, which the caller closes. Its MaxRetries may be the default: a repeated enqueue
// meets its own task id.
func NewQueue(rdb *redis.Client, ledger *Ledger, cfg QueueConfig) *Queue {
	cfg = cfg.withDefaults()
	return &Queue{
		rdb: rdb, ledger: ledger, cfg: cfg, log: cfg.Logger, quiet: newStreak(10 * time.Second),
		metrics: newQueueMetrics(cfg.Registerer),
	}
}

// Apply enqueues what the changes ask for. It is an effect of the watcher: nil means all of them are
// enqueued, or were before; an error means that any of them may not be, and the batch is to come
// again. No change is ever passed over because Redis refused it. [grapevine.ErrTailLost]: the queues that
// a walk once made known are gone, and a walk has to find out what was in them.
func (q *Queue) Apply(ctx context.Context, batch grapevine.Batch) error {
	if err := published(ctx, q.rdb); err != nil {
		return err
	}
	var oldest time.Time
	if now, ok := q.cfg.Now(); ok {
		oldest = now.Add(-q.cfg.History)
	}
	p := planOf(batch.Changes, oldest)
	if p.passed > 0 {
		q.metrics.passed.Add(float64(p.passed))
	}
	if p.late > 0 {
		q.metrics.late.Add(float64(p.late))
	}
	_, err := q.enqueue(ctx, p.tasks)
	return err
}

// enqueue puts the tasks into their queues and answers how many were not there yet.
func (q *Queue) enqueue(ctx context.Context, tasks []task) (enqueued int64, err error) {
	if len(tasks) == 0 {
		return 0, nil
	}
	enqueued, conflicts, err := q.offer(ctx, tasks)
	if err != nil || len(conflicts) == 0 {
		return enqueued, err
	}
	again, err := q.inspect(ctx, conflicts)
	if err != nil || len(again) == 0 {
		return enqueued, err
	}
	more, _, err := q.offer(ctx, again)
	return enqueued + more, err
}

// offer hands each task to Asynq and lists those whose id is taken.
func (q *Queue) offer(ctx context.Context, tasks []task) (enqueued int64, conflicts []task, err error) {
	var mu sync.Mutex
	var next, done atomic.Int64
	client := asynq.NewClientFromRedisClient(&pipelined{UniversalClient: q.rdb})
	g, ctx := errgroup.WithContext(ctx)
	for range min(q.cfg.Concurrency, len(tasks)) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tasks) {
					return nil
				}
				switch err := q.offerOne(ctx, client, tasks[i]); {
				case err == nil:
					done.Add(1)
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
	return done.Load(), conflicts, err
}

func (q *Queue) offerOne(ctx context.Context, client *asynq.Client, t task) error {
	retention := q.cfg.Retention
	if t.kind == TypeDigest {
		// Its id has to outlast the time in which a replay may still ask for it.
		retention = max(retention, q.cfg.History+10*time.Minute)
	}
	opts := []asynq.Option{
		asynq.TaskID(t.id), asynq.Queue(t.queue()), asynq.MaxRetry(q.cfg.MaxRetry),
		asynq.Timeout(q.cfg.Timeout), asynq.Retention(retention),
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
