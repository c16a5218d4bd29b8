package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"grapevine"
)

// WorkerConfig is what a worker needs. Contacts, Count and Watermark must be set.
type WorkerConfig struct {
	// Contacts finds a contact of any workspace by its id; false if there is none.
	Contacts func(ctx context.Context, id string) (grapevine.Contact, bool, error)
	// Count counts the changes of a workspace in the history of events, from (inclusive) to to
	// (exclusive), in MongoDB's time. With [ErrPartly] the counts are lower bounds.
	Count func(ctx context.Context, workspace string, from, to time.Time) (created, updated, deleted int64, err error)
	// Watermark is how far this process has followed the history; zero while unknown.
	Watermark func() grapevine.Position

	Mailer Mailer // nil: a LogMailer
	Queue  *Queue // enqueues anew what lost its message; nil: one with default settings
	// Signal tells every instance's room "pipeline" about a result; nil: nobody is told. It is called
	// by one goroutine.
	Signal func(ctx context.Context, payload any) error

	Concurrency     int           // tasks at once; 0 means 32
	ShutdownTimeout time.Duration // how long Run waits for running tasks before it gives them back, longer than the queue's Timeout; 0 means 20 s
	// RetryDelay is how long after its n-th failure (from 0) a task is run again; nil: from 1 s, doubled
	// each time up to 10 min, with jitter.
	RetryDelay func(n int, err error) time.Duration
	// Crash is called at "before-effect" and "after-effect-before-ledger", where a fault suite ends the
	// process; nil: nothing.
	Crash      func(point string)
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (c WorkerConfig) withDefaults() WorkerConfig {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Mailer == nil {
		c.Mailer = LogMailer{Logger: c.Logger}
	}
	if c.Signal == nil {
		c.Signal = func(context.Context, any) error { return nil }
	}
	if c.RetryDelay == nil {
		c.RetryDelay = func(n int, _ error) time.Duration { return backoff(n) }
	}
	if c.Crash == nil {
		c.Crash = func(string) {}
	}
	orElse(&c.Concurrency, 32)
	orElse(&c.ShutdownTimeout, 20*time.Second)
	return c
}

// Validate names the first field that cannot work.
func (c WorkerConfig) Validate() error {
	switch {
	case c.Contacts == nil:
		return errors.New("jobs: Contacts is missing")
	case c.Count == nil:
		return errors.New("jobs: Count is missing")
	case c.Watermark == nil:
		return errors.New("jobs: Watermark is missing")
	case c.Concurrency < 0:
		return fmt.Errorf("jobs: Concurrency %d is negative", c.Concurrency)
	case c.Queue != nil && c.withDefaults().ShutdownTimeout <= c.Queue.cfg.Timeout:
		return fmt.Errorf("jobs: ShutdownTimeout %s is not longer than a task's Timeout %s", c.withDefaults().ShutdownTimeout, c.Queue.cfg.Timeout)
	}
	return nil
}

// Worker runs tasks.
type Worker struct {
	rdb     *redis.Client
	ledger  *Ledger
	cfg     WorkerConfig
	log     *slog.Logger
	quiet   *streak
	metrics workerMetrics
	results *results
	stats   *Stats

	claimMargin time.Duration // a claim outlives its run's deadline by this, so that the run can still record its end
	sweepEvery  time.Duration
}

// NewWorker uses rdb, which the caller closes. Its MaxRetries must not be off: Asynq asks for the next
// task again at once when Redis is away, and go-redis's backoff is what keeps that from spinning.
func NewWorker(rdb *redis.Client, ledger *Ledger, cfg WorkerConfig) *Worker {
	cfg = cfg.withDefaults()
	if cfg.Queue == nil {
		cfg.Queue = NewQueue(rdb, ledger, QueueConfig{Logger: cfg.Logger})
	}
	w := &Worker{
		rdb: rdb, ledger: ledger, cfg: cfg, log: cfg.Logger, quiet: newStreak(10 * time.Second),
		metrics: newWorkerMetrics(cfg.Registerer), stats: NewStats(rdb),
		claimMargin: 10 * time.Second, sweepEvery: 30 * time.Second,
	}
	w.results = newResults(cfg.Signal, w.metrics.unsaid, cfg.Logger)
	return w
}

// Run works until ctx is done, then lets running tasks end for ShutdownTimeout and gives the others
// back. Redis may be away, at the start too.
func (w *Worker) Run(ctx context.Context) error {
	server := asynq.NewServerFromRedisClient(w.rdb, asynq.Config{
		Concurrency: w.cfg.Concurrency,
		// Tasks under way outlive the order to stop; their own deadlines bound them.
		BaseContext:              func() context.Context { return context.WithoutCancel(ctx) },
		TaskCheckInterval:        100 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		Queues:                   map[string]int{queueWelcome: 6, queueDigest: 1},
		RetryDelayFunc:           func(n int, err error, _ *asynq.Task) time.Duration { return w.retryDelay(n, err) },
		IsFailure:                func(err error) bool { return waits(err) == "" },
		ErrorHandler:             asynq.ErrorHandlerFunc(w.failed),
		ShutdownTimeout:          w.cfg.ShutdownTimeout,
		// A finished task goes when its retention is over, at this pace: 1,000 a second.
		JanitorInterval:  time.Second,
		JanitorBatchSize: 1000,
		Logger:           newAsynqLog(w.log),
		LogLevel:         asynq.InfoLevel,
	})
	if err := server.Start(asynq.HandlerFunc(w.process)); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	// The results are told to the last: their loop ends after the tasks have.
	telling, stopTelling := context.WithCancel(context.WithoutCancel(ctx))
	defer stopTelling()
	var g errgroup.Group
	g.Go(func() error { return w.results.run(telling) })
	g.Go(func() error { return w.sweep(ctx) })
	<-ctx.Done()
	server.Shutdown()
	stopTelling()
	return g.Wait()
}

// process runs one task.
func (w *Worker) process(ctx context.Context, t *asynq.Task) error {
	start := time.Now()
	outcome, err := w.dispatch(ctx, t)
	w.metrics.seconds.WithLabelValues(label(t.Type())).Observe(time.Since(start).Seconds())
	if err != nil {
		return err // counted and told by failed, which also hears of panics and deadlines
	}
	w.metrics.handled.WithLabelValues(label(t.Type()), outcome).Inc()
	w.results.tell(w.result(ctx, t, "job:completed"))
	return nil
}

func (w *Worker) dispatch(ctx context.Context, t *asynq.Task) (outcome string, err error) {
	switch t.Type() {
	case TypeWelcome:
		contact, err := decodeWelcome(t.Payload())
		if err != nil {
			return "", fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		outcome, err := w.welcome(ctx, contact)
		if errors.Is(err, ErrPermanent) {
			err = fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		w.keep(t, err, outcome)
		return outcome, err
	case TypeDigest:
		d, err := decodeDigest(t.Payload())
		if err != nil {
			return "", fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		text, err := w.digest(ctx, d)
		w.keep(t, err, text)
		return string(done), err
	}
	return "", fmt.Errorf("no such type of task: %w", asynq.SkipRetry)
}

// keep shows the outcome beside the task in the dashboard; losing it loses nothing.
func (w *Worker) keep(t *asynq.Task, err error, text string) {
	if r := t.ResultWriter(); err == nil && r != nil {
		_, _ = r.Write([]byte(text))
	}
}

// failed is Asynq's ErrorHandler.
func (w *Worker) failed(ctx context.Context, t *asynq.Task, err error) {
	if why := waits(err); why != "" {
		w.metrics.handled.WithLabelValues(label(t.Type()), why).Inc()
		return
	}
	retried, _ := asynq.GetRetryCount(ctx)
	maxRetry, _ := asynq.GetMaxRetry(ctx)
	archived := retried >= maxRetry || errors.Is(err, asynq.SkipRetry)
	w.metrics.handled.WithLabelValues(label(t.Type()), "failed").Inc()
	if archived {
		w.metrics.archived.WithLabelValues(label(t.Type())).Inc()
	}
	r := w.result(ctx, t, "job:failed")
	r.Error, r.Archived = err.Error(), &archived
	w.results.tell(r)
	if n, say := w.quiet.note(); say {
		w.log.Warn("job failed", "task", r.Task, "attempt", r.Attempt, "archived", archived, "error", err, "failures", n)
	}
}

func (w *Worker) result(ctx context.Context, t *asynq.Task, event string) result {
	id, _ := asynq.GetTaskID(ctx)
	retried, _ := asynq.GetRetryCount(ctx)
	r := result{Event: event, Room: "pipeline", Task: id, Type: t.Type(), Attempt: retried + 1, At: grapevine.Time{Time: time.Now()}}
	if contact, err := decodeWelcome(t.Payload()); err == nil && t.Type() == TypeWelcome {
		r.ID = contact
	}
	return r
}

// label keeps a metric's label values few, whatever somebody puts into the queue by hand.
func label(kind string) string {
	if kind == TypeWelcome || kind == TypeDigest {
		return kind
	}
	return "other"
}
