package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine/dataversion"
	"grapevine/internal/retry"
)

// Names of the reasons for which the gate is closed. They are also parts in /readyz.
const (
	partStart  = "start"
	partSchema = "schema"
)

// Times of the checks of the data's version. docs/guarantees.md says what follows from them.
const (
	versionInterval = time.Second
	versionTimeout  = time.Second     // of one check
	versionMaxAge   = 5 * time.Second // without an answer, writes are refused after this time
)

// dataVersion watches the version of the data while the instance runs. While the data is newer than this program, the
// gate refuses writes, and no part that writes runs.
type dataVersion struct {
	db   *mongo.Database
	gate *gate
	log  *slog.Logger

	mu    sync.Mutex
	known chan struct{}   // closed while the version is ours
	ours  context.Context // ends when the data becomes newer; nil before the first check
	end   context.CancelFunc
}

func newDataVersion(db *mongo.Database, gate *gate, log *slog.Logger) *dataVersion {
	return &dataVersion{db: db, gate: gate, log: log, known: make(chan struct{})}
}

// accept lets the parts run that write.
func (v *dataVersion) accept() {
	v.gate.Open(partSchema)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ours == nil || v.ours.Err() != nil {
		v.ours, v.end = context.WithCancel(context.Background())
		close(v.known)
	}
}

// reject refuses writes, stops the parts that write, and logs that once.
func (v *dataVersion) reject(newer *dataversion.NewerError) {
	v.gate.Close(partSchema, writesOnly, "newer-schema", "A newer Grapevine has migrated the data, so this instance only reads; replace it by the newer one.")
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ours.Err() == nil {
		v.end()
		v.known = make(chan struct{})
		v.log.Error("a newer Grapevine has migrated the data, so this instance stops writing; replace it by the newer one", "version", newer.Version, "known", dataversion.Current)
	}
}

// wait waits until the version is ours, and returns a context that ends with ctx or when the data becomes newer. ok is
// false if ctx ends before.
func (v *dataVersion) wait(ctx context.Context) (running context.Context, cancel context.CancelFunc, ok bool) {
	v.mu.Lock()
	known := v.known
	v.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, nil, false
	case <-known:
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	running, end := context.WithCancel(ctx)
	stop := context.AfterFunc(v.ours, end)
	return running, func() { stop(); end() }, true
}

// whileOurs stops a part while the data is newer than this program, and starts it again afterwards.
func (v *dataVersion) whileOurs(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			running, cancel, ok := v.wait(ctx)
			if !ok {
				return nil
			}
			err := run(running)
			stopped := running.Err() != nil && ctx.Err() == nil
			cancel()
			if err != nil || !stopped {
				return err
			}
		}
	}
}

// Run checks the version again and again after the first accept.
func (v *dataVersion) Run(ctx context.Context) error {
	if _, cancel, ok := v.wait(ctx); ok {
		cancel()
	}
	checked := time.Now()
	for retry.Sleep(ctx, versionInterval) == nil {
		err := v.check(ctx)
		if newer, ok := errors.AsType[*dataversion.NewerError](err); ok {
			v.reject(newer)
		} else if err == nil {
			v.accept()
		} else {
			if time.Since(checked) > versionMaxAge {
				v.gate.Close(partSchema, writesOnly, "unreachable", "MongoDB does not say which version the data has; writes are taken again when it answers.")
			}
			continue
		}
		checked = time.Now()
	}
	return nil
}

func (v *dataVersion) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	return dataversion.Check(ctx, v.db)
}
