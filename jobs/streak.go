package jobs

import (
	"sync"
	"time"
)

// streak keeps a repeated message from filling the log: it says when to write one, and how many times
// it came about since the one before.
type streak struct {
	every time.Duration

	mu   sync.Mutex
	last time.Time
	n    int
}

func newStreak(every time.Duration) *streak { return &streak{every: every} }

func (s *streak) note() (n int, say bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	now := time.Now()
	if !s.last.IsZero() && now.Sub(s.last) < s.every {
		return s.n, false
	}
	n = s.n
	s.last, s.n = now, 0
	return n, true
}
