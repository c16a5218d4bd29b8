// Package forms keeps the derived part of every contact right. A write through the API stores it with the fields. After any
// other edit the effect names the contact in Redis before the checkpoint moves, and the instance that holds
// the lease forms it soon afterwards. A walk over all contacts follows when contacts may have been missed: at the first start, after
// a gap, with a new version of the function, and after an upgrade of the data.
package forms

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/mongox"
	"grapevine/internal/retry"
)

// Contacts is what this package needs of the store.
type Contacts interface {
	Form(ctx context.Context, ids []string) (grapevine.Forming, error)
	FormNext(ctx context.Context, after string, n int, fold bool) (grapevine.Forming, error)
}

// Migration is the upgrade of the data from the version before, whose last step is the walk.
type Migration interface {
	// Pending reports whether the walk still has to move fields of the earlier version, and since when the earlier program
	// writes nothing more. The time is MongoDB's.
	Pending(ctx context.Context) (settled time.Time, pending bool, err error)
	// End records that it is done.
	End(ctx context.Context) error
}

// Config is what [Forms] works with. All fields are required, unless they say otherwise.
type Config struct {
	DB        *mongo.Database
	Redis     *redis.Client // which has the checkpoint, so that a Redis that loses its last writes loses both
	Prefix    string        // of every Redis key: see [grapevine.KeyPrefix]
	Contacts  Contacts
	Migration Migration
	Now       func() (time.Time, bool) // MongoDB's time; false: it is unknown

	// Refused records that MongoDB stores no derived part of a contact. The contact is not tried again before it changes.
	Refused func(ctx context.Context, id, reason string) error

	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
	Crash      func(point string)    // of the fault suite; nil otherwise
}

// Forms is the effect that names contacts, and the work that forms them.
type Forms struct {
	Config
	named   *named
	state   *state
	metrics *metrics
	wake    chan struct{}
}

// New returns forms that write nothing until [Forms.Run].
func New(cfg Config) *Forms {
	f := &Forms{
		Config: cfg,
		named:  &named{rdb: cfg.Redis, key: cfg.Prefix + grapevine.KeyUnformed},
		state:  &state{control: mongox.MajorityCollection(cfg.DB, grapevine.CollectionControl)},
		wake:   make(chan struct{}, 1),
	}
	f.metrics = newMetrics(cfg.Registerer)
	return f
}

// Pace says how far the pipeline is behind. streaming is false while nothing may be written.
type Pace = func() (lag time.Duration, streaming bool)

// Times of the loops.
const (
	idlePoll = 250 * time.Millisecond // while nothing is named, and no walk is due
	maxLag   = 2 * time.Second        // of the pipeline; beyond, each batch is followed by a wait of busyWait
	busyWait = time.Second
)

// Run forms what is named, and walks when a walk is due, until ctx ends. Only the instance that holds the lease calls it.
// Two calls at once would do no harm, because each write is conditional.
func (f *Forms) Run(ctx context.Context, pace Pace) {
	var group errgroup.Group
	group.Go(func() error { f.repeat(ctx, pace, "contacts cannot be formed", f.formNamed, f.wake); return nil })
	group.Go(func() error {
		f.repeat(ctx, pace, "the walk that forms all contacts cannot go on", (&walker{Forms: f}).step, nil)
		return nil
	})
	_ = group.Wait() // none of them fails
}

// repeat calls step again and again. more says that it has more to do at once; otherwise wake ends the wait.
func (f *Forms) repeat(ctx context.Context, pace Pace, failed string, step func(context.Context) (more bool, err error), wake <-chan struct{}) {
	trouble := retry.FailureLog{Logger: f.Logger, Failed: failed + ", will retry", Recovered: "contacts are formed again"}
	var backoff retry.Backoff
	for ctx.Err() == nil {
		lag, streaming := pace()
		if !streaming {
			_ = retry.Sleep(ctx, idlePoll)
			continue
		}
		more, err := step(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			trouble.Failure(err)
			_ = retry.Sleep(ctx, backoff.Next())
		case more && lag > maxLag:
			_ = retry.Sleep(ctx, busyWait)
		case !more:
			select {
			case <-ctx.Done():
			case <-wake:
			case <-time.After(idlePoll):
			}
		}
		if err == nil {
			trouble.Success()
			backoff.Reset()
		}
	}
}

// finish records what MongoDB refused, and counts.
func (f *Forms) finish(ctx context.Context, done grapevine.Forming) error {
	f.metrics.written.Add(float64(done.Written))
	for _, refusal := range done.Refused {
		if err := f.Refused(ctx, refusal.ID, refusal.Reason); err != nil {
			return fmt.Errorf("record that a contact cannot be formed: %w", err)
		}
		f.metrics.refused.Inc()
		f.Logger.Error("MongoDB does not store the derived part of a contact, so lists show it last and searches do not find it; see `grapevine pipeline dead list`", "id", refusal.ID)
	}
	return nil
}

func (f *Forms) crash(point string) {
	if f.Crash != nil {
		f.Crash(point)
	}
}
