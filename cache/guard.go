package cache

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"grapevine"
)

// standing is how far Redis says the cache has come. Within a lineage neither figure ever falls,
// unless Redis lost the end of what it had written.
type standing struct {
	lineage string
	purges  uint64
	at      grapevine.Position
}

// sighting is the furthest standing this process has seen. It is immutable.
type sighting struct {
	standing
	retired []string  // lineages before this one, oldest first
	behind  time.Time // since when Redis has been behind it; zero: it is not
}

const maxRetired = 16

// guard notices a Redis that lost its tail (a failover, a crash of the machine): scopes that were
// forgotten have come back with values from before their change. Until the watcher has replayed what
// was lost, nothing of it may be served. See docs/decisions/0004.
type guard struct {
	patience time.Duration // after which no scope that came back can be alive: their TTL
	logger   *slog.Logger

	mu      sync.Mutex
	seen    atomic.Pointer[sighting]
	noticed atomic.Uint64
}

// before is taken before Redis is asked, and handed to trust with its answer: a reply that was
// merely overtaken by another one's is then never mistaken for a Redis that fell back.
func (g *guard) before() *sighting { return g.seen.Load() }

// trust reports whether an answer may be used.
func (g *guard) trust(before *sighting, s standing, now time.Time) bool {
	if before == nil || !s.isBehind(before) {
		g.advance(before, s)
		return true
	}
	return g.fellBack(s, now)
}

func (s standing) isBehind(seen *sighting) bool {
	if s.lineage == seen.lineage {
		return s.purges < seen.purges || s.at.Before(seen.at)
	}
	return slices.Contains(seen.retired, s.lineage)
}

func (g *guard) advance(before *sighting, s standing) {
	seen := g.seen.Load()
	if seen != nil && seen.behind.IsZero() && seen.lineage == s.lineage && s.purges <= seen.purges && !seen.at.Before(s.at) {
		return // nothing new: what nearly every hit finds
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	seen = g.seen.Load()
	switch {
	case seen == nil:
		g.seen.Store(&sighting{standing: s})
	case seen.lineage == s.lineage:
		next := *seen
		if !s.isBehind(seen) {
			if !next.behind.IsZero() {
				g.logger.Info("redis has caught up; the cache serves again")
			}
			next.behind = time.Time{}
		}
		next.purges = max(next.purges, s.purges)
		if next.at.Before(s.at) {
			next.at = s.at
		}
		g.seen.Store(&next)
	case before != nil && before.lineage == seen.lineage:
		// A lineage nobody has seen. Where seen has moved on since the question, this may be one
		// that has already ended: then it stays unknown.
		retired := append(slices.Clone(seen.retired), seen.lineage)
		g.seen.Store(&sighting{standing: s, retired: retired[max(0, len(retired)-maxRetired):]})
	}
}

func (g *guard) fellBack(s standing, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	seen := g.seen.Load()
	switch {
	case !s.isBehind(seen):
		return true // others have waited the patience out
	case seen.behind.IsZero():
		next := *seen
		next.behind = now
		g.seen.Store(&next)
		g.noticed.Add(1)
		g.logger.Warn("redis lost the end of what it had written; reads go to mongodb until that is replayed",
			"was", seen.at.String(), "is", s.at.String())
		return false
	case now.Sub(seen.behind) < g.patience:
		return false
	}
	g.logger.Info("what redis brought back has expired; the cache serves again")
	retired := slices.DeleteFunc(slices.Clone(seen.retired), func(l string) bool { return l == s.lineage })
	g.seen.Store(&sighting{standing: s, retired: retired})
	return true
}
