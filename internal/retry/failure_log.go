package retry

import (
	"log/slog"
	"sync"
	"time"
)

// FailureLog writes about an operation that fails again and again: a warning for the first failure, one more
// each interval with the number of failures, and one line when the operation works again. Safe for
// concurrent use.
type FailureLog struct {
	Logger    *slog.Logger
	Failed    string        // message of a failure, such as "cannot read the checkpoint, will retry"
	Recovered string        // message of the recovery
	Every     time.Duration // between two warnings; zero means DefaultLogInterval
	Patience  time.Duration // no line for failures that last no longer than this, such as those of a start

	mu       sync.Mutex
	failures int
	since    time.Time
	logged   time.Time
}

// Failure counts a failure and logs it if a line is due.
func (l *FailureLog) Failure(err error, attrs ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.failures++; l.failures == 1 {
		l.since = now
	}
	if now.Sub(l.since) < l.Patience {
		return
	}
	every := l.Every
	if every <= 0 {
		every = DefaultLogInterval
	}
	if !l.logged.IsZero() && now.Sub(l.logged) < every {
		return
	}
	l.logged = now
	l.Logger.Warn(l.Failed, append([]any{"err", err, "failures", l.failures, "for", now.Sub(l.since).Round(time.Millisecond)}, attrs...)...)
}

// Success ends a run of failures. It logs the recovery if a failure was logged.
func (l *FailureLog) Success() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures > 0 && !l.logged.IsZero() && l.Recovered != "" {
		l.Logger.Info(l.Recovered, "failures", l.failures, "for", time.Since(l.since).Round(time.Millisecond))
	}
	l.failures, l.since, l.logged = 0, time.Time{}, time.Time{}
}
