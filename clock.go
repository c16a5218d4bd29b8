package grapevine

import (
	"sync"
	"time"
)

// Clock tells MongoDB's time: the newest cluster time seen in any reply, carried on by this
// process's monotonic clock. It never reads the wall clock, so a step of it changes nothing.
// The zero value knows no time yet. Safe for concurrent use.
type Clock struct {
	// Monotonic reads a monotonic clock; nil means the process's own. Tests inject one.
	Monotonic func() time.Duration

	mu     sync.RWMutex
	newest Position
	base   time.Duration // cluster time at anchor, since 1970
	anchor time.Duration // monotonic reading that belongs to base
}

var processStart = time.Now()

func (c *Clock) monotonic() time.Duration {
	if c.Monotonic != nil {
		return c.Monotonic()
	}
	return time.Since(processStart)
}

// Observe takes a cluster time from a reply of MongoDB. Times not newer than the newest are ignored.
func (c *Clock) Observe(t, i uint32) {
	p := At(t, i, 0)
	c.mu.RLock()
	known := !c.newest.Before(p)
	c.mu.RUnlock()
	if known {
		return
	}
	now := c.monotonic()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.newest.Before(p) {
		return
	}
	first := c.newest.IsZero()
	c.newest = p
	// T is a second cut short. Within one second of it the carried time is the better one; further
	// away (mongod's clock was stepped, this machine slept) the reply is.
	said := time.Duration(t) * time.Second
	carried := c.base + now - c.anchor
	switch {
	case first || carried < said:
		c.base, c.anchor = said, now
	case carried-said > 2*time.Second:
		c.base, c.anchor = said+time.Second, now
	}
}

// Newest is the newest cluster time seen in any reply, as a position; zero before the first.
func (c *Clock) Newest() Position {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.newest
}

// Now is MongoDB's time, good to about a second. ok is false before the first reply.
func (c *Clock) Now() (now time.Time, ok bool) {
	mono := c.monotonic()
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.newest.IsZero() {
		return time.Time{}, false
	}
	return time.Unix(0, int64(c.base+mono-c.anchor)).UTC(), true
}

// Age is how far p lies behind MongoDB's time, never negative, good to about a second. ok is false
// while either is unknown; an unknown age is not a small one.
func (c *Clock) Age(p Position) (age time.Duration, ok bool) {
	now, ok := c.Now()
	if !ok || p.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(p.Wall())), true
}
