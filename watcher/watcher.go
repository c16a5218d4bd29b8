// Package watcher follows MongoDB's change stream from the checkpoint and hands each change, in
// order, to every effect: the cache first, then jobs and events side by side; then the checkpoint
// moves. One instance at a time holds the lease and works; the others stand by.
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

	"grapevine"
)

// Config is what a [Watcher] works with. Every field without a default is required.
type Config struct {
	DB     *mongo.Database // of a client without a timeout: one ends an idle stream
	Redis  *redis.Client
	Prefix string // of every Redis key: see [grapevine.KeyPrefix]
	// Instance names this process in the lease and in heartbeats.
	Instance string
	Clock    *grapevine.Clock

	Cache, Jobs, Events Effect
	Ledger              Ledger
	Decode              Decoder
	Prepare             func(context.Context) error // makes collections, images, validator and indexes

	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
	Trace      func(Trace)           // nil: nobody watches. Must not block.
	Crash      func(point string)    // nil: the fault suite is not here
}

// Validate names the field that is missing.
func (c *Config) Validate() error {
	for name, missing := range map[string]bool{
		"DB": c.DB == nil, "Redis": c.Redis == nil, "Prefix": c.Prefix == "", "Instance": c.Instance == "", "Clock": c.Clock == nil,
		"Cache": c.Cache == nil, "Jobs": c.Jobs == nil, "Events": c.Events == nil, "Ledger": c.Ledger == nil,
		"Decode": c.Decode == nil, "Prepare": c.Prepare == nil, "Logger": c.Logger == nil,
	} {
		if missing {
			return fmt.Errorf("watcher: Config.%s is missing", name)
		}
	}
	return nil
}

// shutdownBound is how long the batch in hand may take once reading has ended.
const shutdownBound = 5 * time.Second

// Watcher is one candidate for the lease.
type Watcher struct {
	Config
	checkpoints *checkpoints
	heart       *heart
	metrics     *metrics
	status      *status
	log         *slog.Logger
	paused      atomic.Bool

	// Of the present or last session, kept across sessions.
	tailLost grapevine.Position // checkpoint at which Redis said that the history's tail is lost
	rounds   int                // reconciles since the last applied change

	mu      sync.RWMutex
	applied grapevine.Position
	nonce   string
}

// New checks the configuration and makes a watcher that does nothing until [Watcher.Run].
func New(cfg Config) (*Watcher, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	w := &Watcher{
		Config:      cfg,
		checkpoints: &checkpoints{rdb: cfg.Redis, key: cfg.Prefix + grapevine.KeyCheckpoint, leaseKey: cfg.Prefix + grapevine.KeyLease},
		heart:       newHeart(cfg.DB, cfg.Instance),
		status:      &status{state: Standby},
		log:         cfg.Logger,
	}
	w.metrics = newMetrics(cfg.Registerer, w)
	return w, nil
}

// Run stands by for the lease and works while it is held, until ctx is done. Then the batch in hand
// is finished and checkpointed, and the lease released, so that a standby takes over at once.
func (w *Watcher) Run(ctx context.Context) error {
	var wait backoff
	for ctx.Err() == nil {
		lease := newLease(w.Redis, w.Prefix+grapevine.KeyLease, w.Instance+"/"+w.DB.Name(), w.log)
		held, ok, err := lease.acquire(ctx)
		if err == nil && !ok {
			w.setState(Standby)
			pause(ctx, leasePoll)
			continue
		}
		if err == nil {
			err = w.hold(ctx, lease, held)
			if w.status.streamedSince() {
				wait.reset()
			}
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopping is no error
		}
		switch {
		case errors.Is(err, grapevine.ErrFenced):
			w.metrics.fenced.Inc()
		case errors.Is(err, grapevine.ErrTailLost):
			w.metrics.tailLost.Inc()
		case err == nil:
			continue
		}
		w.status.trouble(err)
		w.setState(Backoff)
		delay := wait.next()
		if wait.loud() {
			w.log.Warn("watcher interrupted, will begin again at its checkpoint", "err", err, "streak", wait.streak, "in", delay)
		}
		pause(ctx, delay)
	}
	return nil
}

// hold works under the lease until it is lost or ctx is done.
func (w *Watcher) hold(ctx context.Context, lease *lease, held time.Time) error {
	w.log.Info("lease acquired", "nonce", lease.nonce)
	work, lose := context.WithCancelCause(context.WithoutCancel(ctx))
	defer lose(nil)
	reading, stop := context.WithCancel(work)
	defer stop()
	defer context.AfterFunc(ctx, func() {
		stop()
		time.AfterFunc(shutdownBound, func() { lose(errors.New("shutting down")) })
	})()

	keeping, stopKeeping := context.WithCancel(work)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		if err := lease.keep(keeping, held); err != nil {
			w.log.Warn("lease lost", "err", err)
			lose(fmt.Errorf("%w: %w", grapevine.ErrFenced, err))
		}
	}()
	defer func() {
		stopKeeping()
		<-kept
		lease.release(ctx)
	}()

	w.setNonce(lease.nonce)
	defer w.setNonce("")
	s := &session{Watcher: w, lease: lease}
	var side sync.WaitGroup
	side.Go(func() { s.obey(reading) })
	side.Go(func() { s.tend(reading) })
	err := s.run(reading, work)
	stop()
	side.Wait()
	if errors.Is(err, grapevine.ErrTailLost) && s.known != nil {
		w.tailLost = s.known.Position
	}
	if err == nil && work.Err() != nil {
		err = context.Cause(work)
	}
	return err
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
