package jobs

import (
	"sync"
	"time"
)

// maxWatched bounds the memory of a watchlist to about 25 MB.
const maxWatched = 200_000

// watchlist holds the tasks that were enqueued and are not known to have ended, so that a sweep need not look at
// every contact. Safe for concurrent use.
type watchlist struct {
	mu    sync.Mutex
	since map[string]time.Time // by the task's id
	// overflowed says that a task was left out. Only a walk through the contacts can find it then.
	overflowed bool
}

func newWatchlist() *watchlist { return &watchlist{since: map[string]time.Time{}} }

// add notes tasks. One that is there already keeps its time.
func (l *watchlist) add(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, id := range ids {
		if _, found := l.since[id]; found {
			continue
		}
		if len(l.since) >= maxWatched {
			l.overflowed = true
			return
		}
		l.since[id] = now
	}
}

func (l *watchlist) remove(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		delete(l.since, id)
	}
}

// olderThan lists the tasks that were noted at least that long ago.
func (l *watchlist) olderThan(age time.Duration) (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := time.Now().Add(-age)
	for id, since := range l.since {
		if !since.After(until) {
			ids = append(ids, id)
		}
	}
	return ids
}

// takeOverflow reports whether a task was left out since the last call.
func (l *watchlist) takeOverflow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.overflowed
	l.overflowed = false
	return was
}
