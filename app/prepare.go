package app

import (
	"context"
	"errors"
	"time"
)

// indexWarnAfter is the time after which a running index build is logged as a warning. The watcher also waits this long
// for the indexes, and then starts without them.
const indexWarnAfter = 3 * time.Second

// ensureCollection creates or repairs the collections. It is idempotent.
func (a *App) ensureCollection(ctx context.Context) error { return a.store.PrepareCollection(ctx) }

// ensureIndexes builds missing indexes and warns while that takes long. Concurrent callers share one
// build. A caller that gives up does not cancel it, because MongoDB would discard the partial index.
func (a *App) ensureIndexes(ctx context.Context) error {
	built := a.indexing.DoChan("indexes", func() (any, error) {
		ctx := context.WithoutCancel(ctx)
		if err := a.store.PrepareIndexes(ctx); err != nil {
			return nil, err
		}
		return nil, a.ledger.Prepare(ctx)
	})
	for waited := indexWarnAfter; ; waited *= 2 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case result := <-built:
			return result.Err
		case <-time.After(waited):
			a.log.Warn("MongoDB is building indexes; requests that need them get 503 until they are ready")
		}
	}
}

// prepareForWatcher prepares the collections, and waits only a moment for the indexes. The watcher does not need them,
// and on a large collection every change would wait for minutes.
func (a *App) prepareForWatcher(ctx context.Context) error {
	if err := a.ensureCollection(ctx); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, indexWarnAfter)
	defer cancel()
	if err := a.ensureIndexes(waiting); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return ctx.Err()
}
