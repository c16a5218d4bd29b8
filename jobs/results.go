package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"grapevine"
)

// result is what the room "pipeline" is told about one run of a task.
type result struct {
	Event    string         `json:"event"` // job:completed or job:failed
	Room     string         `json:"room"`
	Task     string         `json:"task"`
	ID       string         `json:"id,omitempty"` // the contact
	Type     string         `json:"type"`
	Attempt  int            `json:"attempt"` // from 1
	Error    string         `json:"error,omitempty"`
	Archived *bool          `json:"archived,omitempty"` // of a failure: there is no further attempt
	At       grapevine.Time `json:"at"`
	Omitted  int            `json:"omitted,omitempty"` // results of this event since the one told before, not told one by one
}

// perSecond is how many results of each event are told; the last of those beyond stands for them.
// A room of people needs no more, and a hundred thousand jobs would push everything else out of the
// stream of signals.
const perSecond = 25

// results tells results, some of them, without ever holding a task up.
type results struct {
	signal func(ctx context.Context, payload any) error
	unsaid prometheus.Counter
	log    *slog.Logger
	quiet  *streak
	wake   chan struct{}

	mu     sync.Mutex
	outbox []result
	events map[string]*budget
}

type budget struct {
	told    int     // in this second
	held    *result // the newest beyond the budget
	omitted int     // those before held
}

func newResults(signal func(context.Context, any) error, unsaid prometheus.Counter, log *slog.Logger) *results {
	return &results{
		signal: signal, unsaid: unsaid, log: log, quiet: newStreak(10 * time.Second),
		wake: make(chan struct{}, 1), events: map[string]*budget{},
	}
}

// tell queues a result, or folds it into the one held back.
func (s *results) tell(r result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.events[r.Event]
	if b == nil {
		b = &budget{}
		s.events[r.Event] = b
	}
	if b.told < perSecond && b.held == nil {
		b.told++
		s.outbox = append(s.outbox, r)
		select {
		case s.wake <- struct{}{}:
		default:
		}
		return
	}
	if b.held != nil {
		b.omitted++
		s.unsaid.Inc()
	}
	b.held = &r
}

// turn begins a new second: what was held back is told.
func (s *results) turn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.events {
		if b.held != nil && len(s.outbox) < 4*perSecond {
			b.held.Omitted = b.omitted
			s.outbox = append(s.outbox, *b.held)
			b.held, b.omitted = nil, 0
		}
		if b.held == nil {
			b.told = 0
		}
	}
}

// run tells until ctx is done, and then what is left.
func (s *results) run(ctx context.Context) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			s.turn()
			s.flush(ctx)
			return nil
		case <-second.C:
			s.turn()
		case <-s.wake:
		}
		s.flush(ctx)
	}
}

func (s *results) flush(ctx context.Context) {
	s.mu.Lock()
	out := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for i, r := range out {
		one, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := s.signal(one, r)
		cancel()
		if err == nil {
			continue
		}
		// A result is news, not a fact: the task and the ledger hold it. What waited longer is dropped.
		s.unsaid.Add(float64(len(out) - i))
		if n, say := s.quiet.note(); say && ctx.Err() == nil {
			s.log.Warn("cannot signal job results", "error", err, "times", n)
		}
		return
	}
}
