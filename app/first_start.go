package app

import (
	"context"
	"fmt"

	"grapevine/dataversion"
	"grapevine/watcher"
)

// prepareDatabase creates or repairs what every instance needs in MongoDB before it writes, unless the data is newer
// than this program.
func (a *App) prepareDatabase(ctx context.Context) error {
	db := a.mongo.Database(a.config.MongoDatabase)
	if err := dataversion.Check(ctx, db); err != nil {
		return err
	}
	if err := a.store.RequireReplicaSet(ctx); err != nil {
		return err
	}
	if err := watcher.PrepareControl(ctx, db); err != nil {
		return err
	}
	if err := dataversion.Record(ctx, db); err != nil { // before the validator, which an earlier version would set back
		return err
	}
	if err := a.ensureCollection(ctx); err != nil {
		return err
	}
	a.version.accept()
	return nil
}

// firstStart marks the contacts that are older than the pipeline, unless that was done before. Then the instance takes
// writes.
func (a *App) firstStart(ctx context.Context) error {
	crash := crashPoint()
	err := a.ledger.FirstStart(ctx, func(seen, total int64) {
		a.gate.Close(partStart, writesOnly, stateStarting, fmt.Sprintf(
			"This is the first start, and %d of about %d contacts are marked, so that none of them is welcomed; writes are taken as soon as it is done.", seen, total))
		if crash != nil && seen > 0 {
			crash("mid-first-start")
		}
	})
	if err == nil {
		a.gate.Open(partStart)
		a.startOnce()
	}
	return err
}
