package retry

import (
	"sync"
	"time"
)

// DefaultLogInterval is the time between two log lines about the same trouble.
const DefaultLogInterval = 30 * time.Second

// Limiter decides when a repeated message is logged. The zero value is ready. Safe for concurrent use.
type Limiter struct {
	Every time.Duration // between two lines; zero means DefaultLogInterval

	mu   sync.Mutex
	last time.Time
	n    int
}

// Allow counts one occurrence. ok reports whether to log it now; n is the number of occurrences since
// the last line, this one included.
func (l *Limiter) Allow() (n int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	every := l.Every
	if every <= 0 {
		every = DefaultLogInterval
	}
	l.n++
	now := time.Now()
	if !l.last.IsZero() && now.Sub(l.last) < every {
		return l.n, false
	}
	n, l.n, l.last = l.n, 0, now
	return n, true
}
