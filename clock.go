package grapevine

import (
	"context"
	"sync"
	"time"
)

// Clock tells MongoDB's time: the newest cluster time in any reply, advanced by this process's monotonic
// clock. It does not read the wall clock, so a step of the wall clock has no effect. The zero value knows no
// time yet. Safe for concurrent use.
type Clock struct {
	// Monotonic reads a monotonic clock; nil means the process's. Tests set it.
	Monotonic func() time.Duration

	mu     sync.RWMutex
	newest Position
	base   time.Duration // cluster time at the anchor, since 1970
	anchor time.Duration // monotonic reading at which base was the cluster time
}

var processStart = time.Now()

func (c *Clock) monotonic() time.Duration {
	if c.Monotonic != nil {
		return c.Monotonic()
	}
	return time.Since(processStart)
}

// Observe takes a cluster time from a reply of MongoDB. It ignores times that are not newer than the newest.
func (c *Clock) Observe(t, i uint32) {
	p := NewPosition(t, i, 0)
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
	// t has no fraction of a second. If the advanced time differs by about a second only, it is more
	// exact. If it differs by more, mongod's clock was stepped or this machine slept, and the reply is right.
	observed := time.Duration(t) * time.Second
	advanced := c.base + now - c.anchor
	switch {
	case first || advanced < observed:
		c.base, c.anchor = observed, now
	case advanced-observed > 2*time.Second:
		c.base, c.anchor = observed+time.Second, now
	}
}

// Newest is the newest cluster time in any reply, as a position. It is zero before the first reply.
func (c *Clock) Newest() Position {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.newest
}

// Now is MongoDB's time, exact to about a second. ok is false before the first reply.
func (c *Clock) Now() (now time.Time, ok bool) {
	mono := c.monotonic()
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.newest.IsZero() {
		return time.Time{}, false
	}
	return time.Unix(0, int64(c.base+mono-c.anchor)).UTC(), true
}

// Age is the time from p to now by MongoDB's clock, never negative, exact to about a second. ok is false if
// p or the time is unknown. An unknown age must not count as a small one.
func (c *Clock) Age(p Position) (age time.Duration, ok bool) {
	now, ok := c.Now()
	if !ok || p.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(p.Wall())), true
}

// Clamp lowers a position from the future to MongoDB's time, because nothing has happened after that.
// MongoDB refuses such a position as afterClusterTime, and a client would wait for it forever. ping returns
// MongoDB's time. It is called only for a position that is later than every reply so far; nil trusts the
// replies.
func (c *Clock) Clamp(ctx context.Context, p Position, ping func(context.Context) (Position, error)) (Position, error) {
	newest := c.Newest()
	if newest.Time < p.Time && ping != nil {
		at, err := ping(ctx)
		if err != nil {
			return p, err
		}
		if newest = c.Newest(); newest.Before(at) {
			newest = at
		}
	}
	if newest.Time < p.Time {
		return newest, nil
	}
	return p, nil
}
