package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"grapevine"
	"grapevine/internal/retry"
	"grapevine/jobs/asynqx"
	"grapevine/ledger"
	"grapevine/mail"
)

// Mailer sends mail. nil means that the message was accepted for delivery. [mail.ErrPermanent] in the chain
// of an error archives the task at once, and with [mail.ErrAway] and [mail.ErrLater] the mail is tried for days. Safe for concurrent use; returns when ctx is done.
type Mailer interface {
	Send(ctx context.Context, message mail.Message) error
}

// WorkerConfig configures a [Worker]. Contacts, Count, Watermark, Import and Queue are required.
type WorkerConfig struct {
	// Contacts finds a contact of any workspace by its id; false if there is none.
	Contacts func(ctx context.Context, id string) (grapevine.Contact, bool, error)
	// Count counts the changes of a workspace in the event log, from (inclusive) to to (exclusive), in
	// MongoDB's time. With [grapevine.ErrPartial] the counts are lower bounds.
	Count func(ctx context.Context, workspace string, from, to time.Time) (created, updated, deleted int64, err error)
	// Watermark is how far this process has followed the event log; zero while unknown.
	Watermark func() grapevine.Position
	Queue     *Queue // whose tasks it runs

	Mailer   Mailer  // nil means a mail.LogMailer
	MailRate float64 // mails per second of this process, in the long run; zero means no limit
	// Unwanted says in a few words why a contact gets no mail; empty if it gets one. nil means that every contact does.
	Unwanted func(ctx context.Context, c *grapevine.Contact) (reason string, err error)
	// Import works on an import until it has ended, or ctx has. wait is the time after which it has to be called again; zero
	// means that there is no more to do.
	Import func(ctx context.Context, id string) (wait time.Duration, err error)
	// Report shows a result to the people who watch the pipeline; nil shows nothing. One goroutine calls
	// it.
	Report func(context.Context, Result) error

	Concurrency     int           // tasks that run at once; zero means 32
	ShutdownTimeout time.Duration // how long Run waits for running tasks before it returns them to the queue; longer than the queue's Timeout; zero means 20 s
	// RetryDelay is the time from the n-th failure of a task (n counts from 0) to its next run. nil means 1 s, doubled
	// with each failure up to 10 min, with jitter.
	RetryDelay func(n int, err error) time.Duration
	// Crash is called at "before-effect" and "after-effect-before-ledger", where a fault suite ends the
	// process; nil does nothing.
	Crash      func(point string)
	Logger     *slog.Logger          // nil discards
	Registerer prometheus.Registerer // nil registers no metrics
}

func (c WorkerConfig) withDefaults() WorkerConfig {
	c.Concurrency = cmp.Or(c.Concurrency, 32)
	c.ShutdownTimeout = cmp.Or(c.ShutdownTimeout, 20*time.Second)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Mailer == nil {
		c.Mailer = mail.LogMailer{Logger: c.Logger}
	}
	if c.Unwanted == nil {
		c.Unwanted = func(context.Context, *grapevine.Contact) (string, error) { return "", nil }
	}
	if c.Report == nil {
		c.Report = func(context.Context, Result) error { return nil }
	}
	if c.RetryDelay == nil {
		c.RetryDelay = func(n int, _ error) time.Duration { return backoff(n) }
	}
	if c.Crash == nil {
		c.Crash = func(string) {}
	}
	return c
}

// validate names the first field that cannot work.
func (c WorkerConfig) validate() error {
	switch {
	case c.Contacts == nil:
		return errors.New("jobs: WorkerConfig.Contacts is missing")
	case c.Count == nil:
		return errors.New("jobs: WorkerConfig.Count is missing")
	case c.Watermark == nil:
		return errors.New("jobs: WorkerConfig.Watermark is missing")
	case c.Import == nil:
		return errors.New("jobs: WorkerConfig.Import is missing")
	case c.Queue == nil:
		return errors.New("jobs: WorkerConfig.Queue is missing")
	case c.Concurrency < 0:
		return fmt.Errorf("jobs: WorkerConfig.Concurrency is %d, which is negative", c.Concurrency)
	case !(c.MailRate >= 0): // NaN too
		return fmt.Errorf("jobs: WorkerConfig.MailRate is %g, which is not a number of mails", c.MailRate)
	case c.ShutdownTimeout <= c.Queue.cfg.Timeout:
		return fmt.Errorf("jobs: WorkerConfig.ShutdownTimeout is %s, which is not longer than a task's Timeout of %s", c.ShutdownTimeout, c.Queue.cfg.Timeout)
	}
	return nil
}

// Worker runs tasks.
type Worker struct {
	rdb            *redis.Client
	ledger         *ledger.Ledger
	cfg            WorkerConfig
	log            *slog.Logger
	failureLimiter retry.Limiter
	metrics        workerMetrics
	results        *resultFeed
	sizes          *QueueSizeReader
	mailPause      *mailPause
	mailRate       *rate.Limiter                        // nil means no limit
	client         atomic.Pointer[asynqx.PatientClient] // of Run
	stopping       atomic.Pointer[context.Context]      // that of Run, which ends before its tasks have to

	janitorInterval time.Duration
}

// NewWorker uses rdb, which the caller closes. The error names a field of cfg that cannot work.
func NewWorker(rdb *redis.Client, ledger *ledger.Ledger, cfg WorkerConfig) (*Worker, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	w := &Worker{
		rdb: rdb, ledger: ledger, cfg: cfg, log: cfg.Logger,
		metrics: newWorkerMetrics(cfg.Registerer), sizes: NewQueueSizeReader(rdb, cfg.Queue.cfg.Database),
		janitorInterval: 30 * time.Second,
	}
	if cfg.MailRate > 0 {
		w.mailRate = rate.NewLimiter(rate.Limit(cfg.MailRate), max(1, int(cfg.MailRate)))
	}
	w.mailPause = newMailPause(cfg.Logger)
	promauto.With(cfg.Registerer).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "grapevine_jobs_mail_away", Help: "1 while the mail server takes no mail from this process, otherwise 0.",
	}, w.mailAway)
	w.results = newResultFeed(cfg.Report, w.metrics.omitted, cfg.Logger)
	return w, nil
}

// Run works until ctx is done. Then it waits up to ShutdownTimeout for running tasks and returns the others
// to the queue. Redis may be unavailable, even at the start.
func (w *Worker) Run(ctx context.Context) error {
	names := w.cfg.Queue.names
	client := asynqx.NewPatientClient(ctx, w.rdb, &retry.FailureLog{
		Logger: w.log, Failed: "the worker cannot take jobs from Redis, will retry", Recovered: "the worker takes jobs again", Every: time.Hour,
	})
	w.client.Store(client)
	w.stopping.Store(&ctx)
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency: w.cfg.Concurrency,
		// Running tasks go on after ctx is done; their own deadlines bound them.
		BaseContext:              func() context.Context { return context.WithoutCancel(ctx) },
		TaskCheckInterval:        100 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		Queues:                   map[string]int{names.welcome: 6, names.low: 1},
		RetryDelayFunc:           func(n int, err error, _ *asynq.Task) time.Duration { return w.retryDelay(n, err) },
		IsFailure:                func(err error) bool { return deferReason(err) == "" },
		ErrorHandler:             asynq.ErrorHandlerFunc(w.handleError),
		ShutdownTimeout:          w.cfg.ShutdownTimeout,
		// Deletes finished tasks after their retention, up to 1,000 a second.
		JanitorInterval:  time.Second,
		JanitorBatchSize: 1000,
		Logger:           asynqx.NewLogger(w.log, client.Trouble),
		LogLevel:         asynq.InfoLevel,
	})
	if err := server.Start(asynq.HandlerFunc(w.process)); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	// The result feed stops after the tasks, so that the last results are published too.
	feedCtx, stopFeed := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFeed()
	var g errgroup.Group
	g.Go(func() error { return w.results.run(feedCtx) })
	g.Go(func() error { return w.runJanitor(ctx) })
	<-ctx.Done()
	server.Shutdown()
	stopFeed()
	return g.Wait()
}

// Trouble is the error with which Redis refuses to hand out tasks at the moment; nil if it does not.
func (w *Worker) Trouble() error {
	if client := w.client.Load(); client != nil {
		return client.Trouble()
	}
	return nil
}

// MailIsAway reports whether the mail server takes no mail from this process at the moment.
func (w *Worker) MailIsAway() bool { return w.mailPause.isAway() }

func (w *Worker) mailAway() float64 {
	if w.MailIsAway() {
		return 1
	}
	return 0
}

// process runs one task.
func (w *Worker) process(ctx context.Context, t *asynq.Task) error {
	start := time.Now()
	outcome, err := w.dispatch(ctx, t)
	w.metrics.seconds.WithLabelValues(label(t.Type())).Observe(time.Since(start).Seconds())
	if err != nil {
		return err // handleError counts and publishes it, and also sees panics and deadlines
	}
	w.metrics.handled.WithLabelValues(label(t.Type()), outcome).Inc()
	w.results.publish(w.result(ctx, t, eventCompleted))
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
		if errors.Is(err, mail.ErrPermanent) {
			err = fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		w.keepResult(t, err, outcome)
		return outcome, err
	case TypeImport:
		id, err := decodeImport(t.Payload())
		if err != nil {
			return "", fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		return string(ledger.Done), w.runImport(ctx, id)
	case TypeDigest:
		d, err := decodeDigest(t.Payload())
		if err != nil {
			return "", fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		text, err := w.digest(ctx, d)
		w.keepResult(t, err, text)
		return string(ledger.Done), err
	}
	return "", fmt.Errorf("unknown type of task: %w", asynq.SkipRetry)
}

// keepResult stores the outcome with the task, for the dashboard. An error is ignored: nothing depends on it.
func (w *Worker) keepResult(t *asynq.Task, err error, text string) {
	if r := t.ResultWriter(); err == nil && r != nil {
		_, _ = r.Write([]byte(text))
	}
}

// handleError is Asynq's ErrorHandler. It counts, publishes and logs failures, and counts deferred runs.
func (w *Worker) handleError(ctx context.Context, t *asynq.Task, err error) {
	if reason := deferReason(err); reason != "" {
		w.metrics.handled.WithLabelValues(label(t.Type()), reason).Inc()
		return
	}
	retried, _ := asynq.GetRetryCount(ctx)
	maxRetry, _ := asynq.GetMaxRetry(ctx)
	archived := retried >= maxRetry || errors.Is(err, asynq.SkipRetry)
	w.metrics.handled.WithLabelValues(label(t.Type()), "failed").Inc()
	if archived {
		w.metrics.archived.WithLabelValues(label(t.Type())).Inc()
	}
	r := w.result(ctx, t, eventFailed)
	if archived && r.Contact != "" {
		w.recordFailure(ctx, r.Contact, err)
	}
	r.Error, r.Archived = err.Error(), &archived
	w.results.publish(r)
	if n, ok := w.failureLimiter.Allow(); ok {
		w.log.Warn("job failed", "task", r.Task, "attempt", r.Attempt, "archived", archived, "err", err, "failures", n)
	}
}

// recordFailure notes in the ledger that a contact's task is archived, and why.
func (w *Worker) recordFailure(ctx context.Context, contact string, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	id, err := bson.ObjectIDFromHex(contact)
	if err == nil && errors.Is(cause, mail.ErrPermanent) {
		err = w.ledger.Refuse(ctx, id, cause.Error())
	} else if err == nil {
		err = w.ledger.Fail(ctx, id, cause.Error())
	}
	if err != nil {
		w.log.Warn("cannot record that a job failed for good; its task is in the archive", "contact", contact, "err", err)
	}
}

func (w *Worker) result(ctx context.Context, t *asynq.Task, event string) Result {
	id, _ := asynq.GetTaskID(ctx)
	retried, _ := asynq.GetRetryCount(ctx)
	r := Result{Event: event, Task: id, Type: t.Type(), Attempt: retried + 1, At: time.Now()}
	if contact, err := decodeWelcome(t.Payload()); err == nil && t.Type() == TypeWelcome {
		r.Contact = contact
	}
	return r
}

const labelOther = "other"

// label is the value of a metric's label. Types that somebody enqueued by hand share one, so that the number
// of values stays small.
func label(kind string) string {
	if kind == TypeWelcome || kind == TypeDigest || kind == TypeImport {
		return kind
	}
	return labelOther
}
