// Package watcher follows MongoDB's change stream from the checkpoint and applies each change, in order, to
// every effect: the cache first, then jobs and events side by side. Then the checkpoint moves. One instance
// at a time holds the lease and works; the others stand by.
package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/lifecycle"
	"grapevine/internal/retry"
)

// Config is what a [Watcher] works with.
type Config struct {
	DB       *mongo.Database  // required; its client has no timeout, because one would end an idle stream
	Redis    *redis.Client    // required
	Prefix   string           // of every Redis key: see [grapevine.KeyPrefix]; required
	Instance string           // names this process in the lease and in heartbeats; required
	Clock    *grapevine.Clock // required; it observes the replies to DB's client

	Collections []Collection // that the watcher follows; contacts is required
	Backfill    JobBackfill  // required
	// Prepare creates the collections that the watcher follows, with their images, validators and indexes. It
	// is required and idempotent, and is called every few seconds.
	Prepare func(context.Context) error

	// Alongside runs while this instance holds the lease, beside the stream, until its ctx ends. pace says how far the pipeline
	// is behind. nil: nothing runs.
	Alongside func(ctx context.Context, pace Pace)

	Logger     *slog.Logger          // required
	Registerer prometheus.Registerer // nil: no metrics
	Trace      func(Trace)           // gets every batch that changed contacts, and must not block; nil: none
	Crash      func(point string)    // of the fault suite; nil otherwise
}

func (c *Config) validate() error {
	for name, missing := range map[string]bool{
		"DB": c.DB == nil, "Redis": c.Redis == nil, "Prefix": c.Prefix == "", "Instance": c.Instance == "",
		"Clock": c.Clock == nil, "Backfill": c.Backfill == nil, "Prepare": c.Prepare == nil, "Logger": c.Logger == nil,
	} {
		if missing {
			return fmt.Errorf("watcher: Config.%s is missing", name)
		}
	}
	for _, collection := range c.Collections {
		if collection.Name == "" || collection.Decode == nil || len(collection.Stages) == 0 {
			return fmt.Errorf("watcher: Config.Collections: %q needs Name, Decode and Stages", collection.Name)
		}
	}
	return nil
}

const (
	shutdownGrace  = 5 * time.Second  // for the current batch, once reading has ended
	ensureInterval = 10 * time.Second // bounds how long a dropped index, validator or image setting stays missing
)

// Watcher is one candidate for the lease.
type Watcher struct {
	Config
	streams     *streams
	checkpoints *checkpoints
	gaps        *gapRecords
	heartbeat   *heartbeat
	metrics     *metrics
	status      *status
	log         *slog.Logger
	paused      atomic.Bool // the newest of the commands pause and resume is pause

	runTrouble, pipelineTrouble, batchTrouble retry.FailureLog

	// Only the goroutine of Run uses these. They outlive a session.
	replicaSet string             // empty: to be read
	tailLostAt grapevine.Position // the checkpoint at which Redis had lost effects
	reconciles int                // since the last applied batch

	mu      sync.RWMutex
	applied grapevine.Position
	nonce   string // of the lease, while this instance holds it
}

// New checks the configuration and returns a watcher that does nothing until [Watcher.Run].
func New(cfg Config) (*Watcher, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	w := &Watcher{
		Config:          cfg,
		streams:         newStreams(cfg.DB, cfg.Collections),
		checkpoints:     &checkpoints{rdb: cfg.Redis, key: cfg.Prefix + grapevine.KeyCheckpoint, leaseKey: cfg.Prefix + grapevine.KeyLease},
		gaps:            newGapRecords(cfg.DB),
		heartbeat:       newHeartbeat(cfg.DB, cfg.Instance),
		status:          &status{state: Standby},
		log:             cfg.Logger,
		runTrouble:      retry.FailureLog{Logger: cfg.Logger, Failed: "the watcher was interrupted, will acquire the lease again", Recovered: "the watcher works again"},
		pipelineTrouble: retry.FailureLog{Logger: cfg.Logger, Failed: "the pipeline was interrupted, will continue from the checkpoint", Recovered: "the pipeline works again"},
		batchTrouble:    retry.FailureLog{Logger: cfg.Logger, Failed: "a batch could not be applied, will retry", Recovered: "batches are applied again"},
	}
	if w.streams.contacts == nil {
		return nil, errors.New("watcher: Config.Collections: contacts is missing")
	}
	w.metrics = newMetrics(cfg.Registerer, w)
	return w, nil
}

// Run stands by for the lease and works while it holds it, until ctx is done. Then it applies and checkpoints
// the current batch, and releases the lease, so that a standby takes over at once. It returns nil.
func (w *Watcher) Run(ctx context.Context) error {
	defer w.setState(Standby)
	var backoff retry.Backoff
	for ctx.Err() == nil {
		lease, err := w.acquire(ctx)
		if err == nil && lease == nil {
			w.setState(Standby)
			w.runTrouble.Success()
			_ = retry.Sleep(ctx, leasePoll)
			continue
		}
		if err == nil {
			var batches int
			if batches, err = w.runWithLease(ctx, lease); batches > 0 {
				backoff.Reset()
			}
		}
		switch {
		case err == nil || ctx.Err() != nil:
			continue
		case errors.Is(err, grapevine.ErrFenced):
			w.metrics.fenced.Inc()
		case errors.Is(err, grapevine.ErrTailLost):
			w.metrics.tailLost.Inc()
		}
		w.status.setError(err)
		w.setState(Backoff)
		delay := backoff.Next()
		w.runTrouble.Failure(err, "delay", delay)
		_ = retry.Sleep(ctx, delay)
	}
	return nil
}

// acquire tries once. It returns nil if another instance holds the lease.
func (w *Watcher) acquire(ctx context.Context) (*lease, error) {
	if w.replicaSet == "" {
		id, err := replicaSetID(ctx, w.DB)
		if err != nil {
			return nil, err
		}
		w.replicaSet = id
	}
	lease := newLease(w.Redis, w.Prefix+grapevine.KeyLease, w.Instance, w.replicaSet, w.log)
	if ok, err := lease.acquire(ctx); err != nil || !ok {
		return nil, err
	}
	return lease, nil
}

// runWithLease works until the lease is lost or ctx is done, and returns the number of batches that were applied.
func (w *Watcher) runWithLease(ctx context.Context, lease *lease) (batches int, err error) {
	w.log.Info("acquired the lease", "nonce", lease.nonce)
	intake, work, cancel := lifecycle.SoftStop(ctx, shutdownGrace)
	defer cancel(nil)
	w.setNonce(lease.nonce)
	defer w.setNonce("")
	w.heartbeat.reset()
	s := &session{Watcher: w, lease: lease}

	var side errgroup.Group
	side.Go(func() error {
		if err := lease.keep(work); err != nil {
			cancel(fmt.Errorf("%w: %w", grapevine.ErrFenced, err))
		}
		return nil
	})
	side.Go(func() error { s.pollCommands(intake); return nil })
	side.Go(func() error { w.ensureLoop(intake); return nil })
	side.Go(func() error { w.sweepJobs(intake); return nil })
	side.Go(func() error { w.heartbeat.run(intake, w.heartbeatPosition); return nil })
	if w.Alongside != nil {
		side.Go(func() error { w.Alongside(intake, w.pace); return nil })
	}

	err = s.run(intake, work)
	if err == nil {
		err = context.Cause(work)
	}
	cancel(nil)
	_ = side.Wait() // none of them fails
	lease.release(ctx)
	w.replicaSet = "" // it may be another one next time
	if errors.Is(err, grapevine.ErrTailLost) && s.known != nil {
		w.tailLostAt = s.known.Position
	}
	return s.batches, err
}

// ensureCollections creates or repairs the collections that the pipeline needs. Any goroutine may call it.
func (w *Watcher) ensureCollections(ctx context.Context) error {
	if err := w.Prepare(ctx); err != nil {
		return fmt.Errorf("prepare the collections: %w", err)
	}
	return PrepareControl(ctx, w.DB)
}

// ensureLoop repairs the collections again and again. MongoDB sends no event for a dropped index or a
// collMod. Without this, lists would fail and every change would be a resync until the next restart.
func (w *Watcher) ensureLoop(ctx context.Context) {
	trouble := retry.FailureLog{Logger: w.log, Failed: "cannot check the collections, will retry", Recovered: "the collections are checked again"}
	for retry.Sleep(ctx, ensureInterval) == nil {
		if err := w.ensureCollections(ctx); err == nil {
			trouble.Success()
		} else if ctx.Err() == nil {
			trouble.Failure(err)
		}
	}
}

// heartbeatPosition returns false while there is nothing to measure: before the first checkpoint, during a
// reconcile, and in the state Paused. It does not look at w.paused: on an idle stream, a heartbeat has to wake
// the run loop before that can notice a pause.
func (w *Watcher) heartbeatPosition() (grapevine.Position, bool) {
	at := w.Applied()
	return at, !at.IsZero() && w.status.getState() != Paused
}

// holdsLease reports whether this instance is the one that works.
func (w *Watcher) holdsLease() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.nonce != ""
}

// Applied is the position up to which this watcher has applied everything.
func (w *Watcher) Applied() grapevine.Position {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.applied
}

func (w *Watcher) setApplied(p grapevine.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.applied = p
}

func (w *Watcher) setNonce(nonce string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nonce = nonce
}
