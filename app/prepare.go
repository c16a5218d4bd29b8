package app

import (
	"context"
	"time"

	"grapevine/internal/retry"
)

const (
	// indexWarnAfter is the time after which a running index build is logged as a warning. The watcher also waits
	// this long for the indexes, and then starts without them.
	indexWarnAfter = 3 * time.Second
	// collectionInterval bounds how long a dropped index stays missing and a mended problem stays in /readyz.
	collectionInterval = 10 * time.Second
)

// ensureCollection creates or repairs the collections. It is idempotent.
func (a *App) ensureCollection(ctx context.Context) error {
	err := a.store.PrepareCollection(ctx)
	a.preparation.Store(&err)
	return err
}

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
			a.log.Warn("MongoDB is building indexes; lists and searches are slow, and the text search gets 503, until they are ready")
		}
	}
}

// keepCollections looks again and again, in every instance, whether the collection and its indexes are as they should
// be. MongoDB sends no event for a dropped or hidden index. A problem is not an error: see [App.problems].
func (a *App) keepCollections(ctx context.Context) error {
	trouble := retry.FailureLog{Logger: a.log, Failed: "cannot check the collections in MongoDB, will retry", Recovered: "the collections in MongoDB are checked again", Patience: startPatience}
	reported := problemLog{}
	for ctx.Err() == nil {
		err := perTry(a.ensureCollection)(ctx)
		if err == nil {
			err = a.ensureIndexes(ctx)
		}
		switch {
		case err == nil:
			trouble.Success()
		case ctx.Err() == nil:
			trouble.Failure(err)
		}
		reported.update(a)
		_ = retry.Sleep(ctx, collectionInterval)
	}
	return nil
}

// prepareForWatcher prepares the collections, and waits only a moment for the indexes. The watcher does not need them,
// and on a large collection every change would wait for minutes. What is wrong with them is one of [App.problems].
func (a *App) prepareForWatcher(ctx context.Context) error {
	if err := a.ensureCollection(ctx); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, indexWarnAfter)
	defer cancel()
	_ = a.ensureIndexes(waiting)
	return ctx.Err()
}
