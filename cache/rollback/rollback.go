// Package rollback detects a Redis that lost its most recent writes, in a failover or a crash. Invalidated
// values are then back in the cache. Until the watcher has repeated the lost invalidations, none of them may
// be served. See docs/decisions/0004.
package rollback

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"grapevine"
)

// Version is the invalidation state that Redis reports. Within a generation both figures only grow; a smaller
// one means that Redis lost recent writes. A new generation begins when the keys are deleted or the event log
// starts again.
type Version struct {
	Generation string
	PurgeCount uint64
	Position   grapevine.Position
}

// highWaterMark is the newest version that this process has seen. It is immutable.
type highWaterMark struct {
	Version
	retired      []string  // generations before this one, oldest first
	rolledBackAt time.Time // when Redis was first seen behind; zero if it is not
}

// maxRetired is the number of ended generations that a process remembers.
const maxRetired = 16

// Snapshot is what a detector knew at one moment.
type Snapshot struct{ mark *highWaterMark }

// Detector compares what Redis reports with what this process has seen. Safe for concurrent use.
type Detector struct {
	quarantine time.Duration
	logger     *slog.Logger

	mu       sync.Mutex
	mark     atomic.Pointer[highWaterMark]
	detected atomic.Uint64
}

// New makes a detector. The quarantine is the time after which every value that came back has expired, even if
// nobody repeats the lost invalidations.
func New(quarantine time.Duration, logger *slog.Logger) *Detector {
	return &Detector{quarantine: quarantine, logger: logger}
}

// Snapshot must be taken before each request to Redis and passed to [Detector.Accept] with the reply.
// Comparing with the snapshot, not with the newest state, keeps reordered replies from looking like a
// rollback.
func (d *Detector) Snapshot() Snapshot { return Snapshot{d.mark.Load()} }

// Detected is the number of rollbacks so far.
func (d *Detector) Detected() uint64 { return d.detected.Load() }

// Accept reports whether a reply with this version may be used.
func (d *Detector) Accept(before Snapshot, v Version, now time.Time) bool {
	if !before.mark.isAheadOf(v) && d.mark.Load().covers(v) {
		return true // nearly every hit ends here, without the lock
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	mark := d.mark.Load()
	next, accepted := mark.next(before.mark, v, now, d.quarantine)
	d.mark.Store(next)
	d.report(mark, next, v)
	return accepted
}

// report logs the beginning and the end of a rollback.
func (d *Detector) report(mark, next *highWaterMark, v Version) {
	wasBack := mark != nil && !mark.rolledBackAt.IsZero()
	isBack := !next.rolledBackAt.IsZero()
	switch {
	case isBack && !wasBack:
		d.detected.Add(1)
		d.logger.Warn("Redis lost recent writes; reads go to MongoDB until the lost invalidations are repeated",
			"had", mark.Position.String(), "has", v.Position.String())
	case wasBack && !isBack && mark.isAheadOf(v):
		d.logger.Info("the values that Redis brought back have expired; the cache serves reads again")
	case wasBack && !isBack:
		d.logger.Info("the lost invalidations are repeated; the cache serves reads again")
	}
}

// next returns the mark after a reply, and whether the reply may be used. before is the mark when Redis was
// asked.
func (m *highWaterMark) next(before *highWaterMark, v Version, now time.Time, quarantine time.Duration) (next *highWaterMark, accepted bool) {
	switch {
	case m == nil:
		return &highWaterMark{Version: v}, true
	case before.isAheadOf(v) && !m.isAheadOf(v):
		return m, true // the quarantine ended since the request
	case before.isAheadOf(v):
		return m.rolledBack(v, now, quarantine)
	case m.Generation == v.Generation:
		return m.raised(v), true
	case before != nil && before.Generation == m.Generation:
		return m.newGeneration(v), true
	}
	// The generation is unknown, and the mark moved to another one since the request. This one may have ended
	// already, so it stays unknown.
	return m, true
}

// isAheadOf reports whether Redis, at version v, has lost writes that this process has seen.
func (m *highWaterMark) isAheadOf(v Version) bool {
	switch {
	case m == nil:
		return false
	case m.Generation == v.Generation:
		return v.PurgeCount < m.PurgeCount || v.Position.Before(m.Position)
	}
	return slices.Contains(m.retired, v.Generation)
}

// covers reports whether v changes nothing.
func (m *highWaterMark) covers(v Version) bool {
	return m != nil && m.rolledBackAt.IsZero() && m.Generation == v.Generation &&
		v.PurgeCount <= m.PurgeCount && !m.Position.Before(v.Position)
}

// raised is the mark after a version of the same generation. The rollback is over if v is not behind.
func (m *highWaterMark) raised(v Version) *highWaterMark {
	next := *m
	if !m.isAheadOf(v) {
		next.rolledBackAt = time.Time{}
	}
	next.PurgeCount = max(m.PurgeCount, v.PurgeCount)
	if m.Position.Before(v.Position) {
		next.Position = v.Position
	}
	return &next
}

func (m *highWaterMark) newGeneration(v Version) *highWaterMark {
	retired := append(slices.Clone(m.retired), m.Generation)
	return &highWaterMark{Version: v, retired: retired[max(0, len(retired)-maxRetired):]}
}

// rolledBack refuses v until the quarantine is over. Then v is the new mark.
func (m *highWaterMark) rolledBack(v Version, now time.Time, quarantine time.Duration) (next *highWaterMark, accepted bool) {
	switch {
	case m.rolledBackAt.IsZero():
		next := *m
		next.rolledBackAt = now
		return &next, false
	case now.Sub(m.rolledBackAt) < quarantine:
		return m, false
	}
	retired := slices.DeleteFunc(slices.Clone(m.retired), func(g string) bool { return g == v.Generation })
	return &highWaterMark{Version: v, retired: retired}, true
}
