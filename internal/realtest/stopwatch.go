package realtest

import (
	"crypto/sha256"
	"math"
	"sync"
	"testing"
	"time"
)

// Stopwatch measures an interval, and how slow the machine is during that interval. Tests of a time limit compare
// [Stopwatch.Elapsed] with [Stopwatch.Allow] of the limit. A busy machine therefore does not fail them, but a slow
// product does.
type Stopwatch struct {
	began time.Time
	end   chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	elapsed time.Duration // 0 while the stopwatch runs
	slowness
}

// slowness is the sum of some probes of the machine. A probe sleeps and then does a fixed piece of work.
type slowness struct {
	probes  int
	working time.Duration // time that the work took
	late    time.Duration // time that the probes slept too long
}

const (
	probeSleep   = 20 * time.Millisecond
	usualLatency = time.Millisecond // of a wake-up on an idle machine
)

// quickestWork is the time that a probe's work takes on this machine at its best.
var quickestWork = sync.OnceValue(func() time.Duration { return Quickest(20, probeWork) })

var probeBlock = make([]byte, 256<<10)

func probeWork() {
	for range 4 {
		sha256.Sum256(probeBlock)
	}
}

// StartStopwatch starts a stopwatch, which ends with the test at the latest.
func StartStopwatch(t testing.TB) *Stopwatch {
	t.Helper()
	quickestWork()
	s := &Stopwatch{began: time.Now(), end: make(chan struct{}), ended: make(chan struct{})}
	go s.probe()
	t.Cleanup(func() { s.Stop() })
	return s
}

func (s *Stopwatch) probe() {
	defer close(s.ended)
	for {
		began := time.Now()
		select {
		case <-s.end:
			return
		case <-time.After(probeSleep):
		}
		woke := time.Now()
		probeWork()
		s.mu.Lock()
		s.probes++
		s.working += time.Since(woke)
		s.late += max(0, woke.Sub(began)-probeSleep-usualLatency)
		s.mu.Unlock()
	}
}

// Stop ends the measurement and returns the length of the interval.
func (s *Stopwatch) Stop() time.Duration {
	s.mu.Lock()
	first := s.elapsed == 0
	if first {
		s.elapsed = time.Since(s.began)
	}
	s.mu.Unlock()
	if first {
		close(s.end)
		<-s.ended
	}
	return s.elapsed
}

// Elapsed returns the length of the interval so far.
func (s *Stopwatch) Elapsed() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.elapsed > 0 {
		return s.elapsed
	}
	return time.Since(s.began)
}

// Allow returns the time that an interval of length limit may take on the machine as it is. It is the
// limit itself on an idle machine.
func (s *Stopwatch) Allow(limit time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allow(limit, quickestWork())
}

// allow stretches limit by the slowness of the work, and adds the time that the probes slept too long.
func (s slowness) allow(limit, quickest time.Duration) time.Duration {
	if s.probes == 0 {
		return limit
	}
	factor := float64(s.working) / float64(time.Duration(s.probes)*quickest)
	return time.Duration(float64(limit)*max(1, factor)) + s.late
}

// Quickest runs an operation n times and returns the shortest time it took. A busy machine delays some
// of the runs; an operation that waits for something is late in all of them.
func Quickest(n int, run func()) time.Duration {
	quickest := time.Duration(math.MaxInt64)
	for range n {
		began := time.Now()
		run()
		quickest = min(quickest, time.Since(began))
	}
	return quickest
}
