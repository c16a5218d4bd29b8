package access

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// enders is how many goroutines tell those who are followed of their end.
const enders = 4

// endings are ends that are still to be told. Telling holds no lock.
type endings struct {
	wake chan struct{} // somebody waits

	mu      sync.Mutex
	waiting []ending
}

type ending struct {
	follow *follow
	why    End
}

// add has a follow told of its end, at most once.
func (e *endings) add(f *follow, why End) {
	if !f.over.CompareAndSwap(false, true) {
		return
	}
	e.mu.Lock()
	e.waiting = append(e.waiting, ending{f, why})
	e.mu.Unlock()
	e.signal()
}

func (e *endings) signal() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// run tells until ctx is done, and counts.
func (e *endings) run(ctx context.Context, told prometheus.Counter) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		}
		for next, more := e.take(); next.follow != nil; next, more = e.take() {
			if more {
				e.signal() // so that another goroutine helps
			}
			told.Inc()
			next.follow.ended(next.why)
		}
	}
}

func (e *endings) take() (next ending, more bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting) == 0 {
		return ending{}, false
	}
	next = e.waiting[0]
	e.waiting[0] = ending{}
	e.waiting = e.waiting[1:]
	return next, len(e.waiting) > 0
}
