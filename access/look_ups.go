package access

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"grapevine"
	"grapevine/internal/edge"
)

const (
	unknownPerSecond = 10     // look-ups of unknown secrets by one address
	maxLookingUp     = 10_000 // addresses that are remembered
)

// lookUps bounds how many unknown secrets an address may have looked up. Each look-up takes a place before it begins. It
// gives the place back if the secret turns out to be known, so whoever waits for a place is refused only when all places
// went to unknown secrets.
type lookUps struct {
	mu        sync.Mutex
	addresses map[netip.Addr]*looking
}

// looking are the look-ups of one address.
type looking struct {
	places  float64
	since   time.Duration // when places was right
	running int
	changed chan struct{} // closed when a look-up has ended
}

// begin takes a place. end is to be called with the outcome.
func (l *lookUps) begin(ctx context.Context, address netip.Addr, now func() time.Duration) (end func(unknown bool), err error) {
	if !address.IsValid() {
		return func(bool) {}, nil
	}
	address = edge.Network(address)
	for {
		place, wait := l.take(address, now())
		switch {
		case place != nil:
			return func(unknown bool) { l.end(place, unknown) }, nil
		case wait == nil:
			return nil, &grapevine.Error{
				Code: grapevine.TooMany, RetryAfter: time.Second,
				Message: "Too many unknown tokens or sessions came from this address. Check the token, or sign in, and try again in a second",
			}
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		}
	}
}

// take returns a place, or what to wait for, or neither if there is nothing to wait for.
func (l *lookUps) take(address netip.Addr, now time.Duration) (place *looking, wait <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.addresses[address]
	if a == nil {
		l.makeRoom(now)
		a = &looking{places: unknownPerSecond, since: now, changed: make(chan struct{})}
		l.addresses[address] = a
	}
	a.refill(now)
	if a.places >= 1 {
		a.places--
		a.running++
		return a, nil
	}
	if a.running > 0 {
		return nil, a.changed
	}
	return nil, nil
}

func (l *lookUps) end(a *looking, unknown bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.running--
	if !unknown {
		a.places++
	}
	close(a.changed)
	a.changed = make(chan struct{})
}

// makeRoom forgets addresses that have all places again; if all are busy, all are forgotten.
func (l *lookUps) makeRoom(now time.Duration) {
	if l.addresses == nil {
		l.addresses = map[netip.Addr]*looking{}
	}
	if len(l.addresses) < maxLookingUp {
		return
	}
	for address, a := range l.addresses {
		if a.refill(now); a.running == 0 && a.places >= unknownPerSecond {
			delete(l.addresses, address)
		}
	}
	if len(l.addresses) >= maxLookingUp {
		clear(l.addresses)
	}
}

func (a *looking) refill(now time.Duration) {
	a.places = min(unknownPerSecond-float64(a.running), a.places+(now-a.since).Seconds()*unknownPerSecond)
	a.since = now
}
