package ws

import (
	"log/slog"
	"sync"
	"time"
)

// streak logs a run of failures without flooding: the first, then one line each ten seconds with the
// length of the run, and one line when it ends.
type streak struct {
	log  *slog.Logger
	what string

	mu     sync.Mutex
	count  int
	began  time.Time
	logged time.Time
}

func newStreak(log *slog.Logger, what string) *streak { return &streak{log: log, what: what} }

func (s *streak) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.count++; s.count == 1 {
		s.began = now
	}
	if s.count == 1 || now.Sub(s.logged) >= 10*time.Second {
		s.logged = now
		s.log.Warn(s.what, "error", err, "times", s.count, "for", now.Sub(s.began).Round(time.Millisecond))
	}
}

func (s *streak) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count > 0 {
		s.log.Info("recovered: "+s.what, "times", s.count, "for", time.Since(s.began).Round(time.Millisecond))
	}
	s.count = 0
}
