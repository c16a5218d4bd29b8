package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"grapevine/internal/retry"
)

// Events of a [Result].
const (
	eventCompleted = "job:completed"
	eventFailed    = "job:failed"
)

// Result is the outcome of one run of a task, for the people who watch the pipeline.
type Result struct {
	Event    string // job:completed or job:failed
	Task     string
	Contact  string // its id; empty for a task that is not about one contact
	Type     string
	Attempt  int    // from 1
	Error    string // of a failure
	Archived *bool  // of a failure: there is no further attempt
	At       time.Time
	Omitted  int // results of this event that were left out since the previous result
}

const (
	// maxPerSecond is the number of results of each event that are published one by one. The latest of the
	// others stands for them all. More would push everything else out of the stream of signals, and people
	// cannot read more.
	maxPerSecond = 25
	// If maxOutbox results or more wait to be sent, the held results are not queued yet.
	maxOutbox = 4 * maxPerSecond
)

// resultFeed publishes results and never delays a task, even if Redis is slow or unavailable. It may drop a result,
// because the task and the ledger have the same information.
type resultFeed struct {
	report   func(context.Context, Result) error
	omitted  prometheus.Counter
	failures retry.FailureLog
	wake     chan struct{}

	mu     sync.Mutex
	outbox []Result
	events map[string]*eventBudget
}

// eventBudget counts the results of one event in the current second.
type eventBudget struct {
	sent    int
	latest  *Result // the newest beyond the budget, held back
	omitted int     // those before latest
}

func newResultFeed(report func(context.Context, Result) error, omitted prometheus.Counter, log *slog.Logger) *resultFeed {
	return &resultFeed{
		report: report, omitted: omitted,
		failures: retry.FailureLog{Logger: log, Failed: "cannot publish job results; they are dropped", Recovered: "job results are published again"},
		wake:     make(chan struct{}, 1), events: map[string]*eventBudget{},
	}
}

// publish queues a result, or holds it back if this second's budget is spent.
func (f *resultFeed) publish(r Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.events[r.Event]
	if b == nil {
		b = &eventBudget{}
		f.events[r.Event] = b
	}
	if b.sent < maxPerSecond && b.latest == nil {
		b.sent++
		f.outbox = append(f.outbox, r)
		select {
		case f.wake <- struct{}{}:
		default:
		}
		return
	}
	if b.latest != nil {
		b.omitted++
		f.omitted.Inc()
	}
	b.latest = &r
}

// flushHeld starts a new second and queues the results that were held back.
func (f *resultFeed) flushHeld() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.events {
		if b.latest != nil && len(f.outbox) < maxOutbox {
			b.latest.Omitted = b.omitted
			f.outbox = append(f.outbox, *b.latest)
			b.latest, b.omitted = nil, 0
		}
		if b.latest == nil {
			b.sent = 0
		}
	}
}

// run sends queued results until ctx is done, and then the remaining ones.
func (f *resultFeed) run(ctx context.Context) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			f.flushHeld()
			f.sendOutbox(ctx)
			return nil
		case <-second.C:
			f.flushHeld()
		case <-f.wake:
		}
		f.sendOutbox(ctx)
	}
}

// sendOutbox empties the outbox. After an error it drops the rest.
func (f *resultFeed) sendOutbox(ctx context.Context) {
	f.mu.Lock()
	out := f.outbox
	f.outbox = nil
	f.mu.Unlock()
	for i, r := range out {
		one, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := f.report(one, r)
		cancel()
		if err != nil {
			f.omitted.Add(float64(len(out) - i))
			if ctx.Err() == nil {
				f.failures.Failure(err)
			}
			return
		}
		f.failures.Success()
	}
}
