package events

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// follow starts a follower. The test's end stops it.
func (w *harness) follow(handler Handler) *Follower {
	w.t.Helper()
	f := NewFollower(w.reader, FollowerConfig{Handler: handler})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		require.NoError(w.t, <-ended)
	})
	select {
	case <-f.Ready():
	case <-time.After(soon):
		w.t.Fatal("the follower has not begun")
	}
	return f
}

func TestWatermark(t *testing.T) {
	w := newHarness(t, Config{})
	f := w.follow(nil)
	require.True(t, f.Watermark().IsZero(), "there is no log yet")
	change := w.created(1)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, f.WaitFor(short, change.Position), context.DeadlineExceeded)
	w.apply(change)
	require.NoError(t, f.WaitFor(t.Context(), change.Position))
	require.Equal(t, change.Position, f.Watermark())
	require.Equal(t, change.Position, w.follow(nil).Watermark(), "a new instance begins at the end")
}

// calls records the calls of a follower as lines, each with the watermark at that time.
type calls struct {
	follower *Follower
	lines    chan string
	failures int // of Begin
}

func (c *calls) add(format string, args ...any) { c.lines <- fmt.Sprintf(format, args...) }

func (c *calls) Begin(_ context.Context, end grapevine.Position) error {
	if c.failures--; c.failures >= 0 {
		return errors.New("not yet")
	}
	c.add("begin %s", end)
	return nil
}

func (c *calls) Deliver(after grapevine.Position, entries []*Entry) {
	last := entries[len(entries)-1].Position
	c.add("deliver %s %s, watermark %s", after, last, c.follower.Watermark())
}

func (c *calls) Rewind(end grapevine.Position) {
	c.add("rewind %s, watermark %s", end, c.follower.Watermark())
}
func (c *calls) Skip(at grapevine.Position) { c.add("skip %s", at) }

func (c *calls) Signal(signals []Signal) {
	for _, s := range signals {
		if s.Presence != nil {
			c.add("presence %s %v %t", s.Presence.Instance, s.Presence.Members, s.Presence.Complete)
		} else {
			c.add("signal %s %s", s.Room, s.Frame)
		}
	}
}

func (c *calls) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-c.lines:
		return line
	case <-time.After(soon):
		require.Fail(t, "the handler was not called")
	}
	return ""
}

func TestTheHandlerIsCalledInOrderAfterTheWatermark(t *testing.T) {
	w := newHarness(t, Config{})
	one, two := w.created(1), w.created(2)
	w.apply(one)
	c := &calls{lines: make(chan string, 100), failures: 2}
	c.follower = NewFollower(w.reader, FollowerConfig{Handler: c})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.follower.Run(ctx) }()
	require.Equal(t, "begin "+one.Position.String(), c.next(t), "it begins once, after failures")
	w.apply(two)
	require.Equal(t, fmt.Sprintf("deliver %s %s, watermark %[2]s", one.Position, two.Position), c.next(t))

	require.NoError(t, w.signals.Send(ctx, map[string]string{"event": "x", "room": "pipeline"}))
	require.Equal(t, `signal pipeline {"event":"x","room":"pipeline"}`, c.next(t))
	require.NoError(t, w.rdb.Do(ctx, "xadd", w.signals.key, "*", "from", "other", "rooms", "nonsense").Err())
	require.NoError(t, w.signals.Announce(ctx, Presence{Instance: "other", Members: map[string]int{"r": 2}, Complete: true}))
	require.Equal(t, "presence other map[r:2] true", c.next(t), "an entry that was written by hand is skipped")

	w.loseTail(one.Position)
	require.Equal(t, fmt.Sprintf("rewind %s, watermark %[1]s", one.Position), c.next(t))
	w.fence.Applied = one.Position
	w.apply(two)
	require.Equal(t, fmt.Sprintf("deliver %s %s, watermark %[2]s", one.Position, two.Position), c.next(t))
	cancel()
	require.NoError(t, <-ended)
}

func TestAnEntryTrimmedBeforeItWasReadIsAHole(t *testing.T) {
	w := newHarness(t, Config{})
	one, two, three := w.created(1), w.created(2), w.created(3)
	w.apply(one)
	c := &calls{lines: make(chan string, 100)}
	c.follower = w.follow(nil) // only for its watermark
	f := NewFollower(w.reader, FollowerConfig{Handler: c})
	require.NoError(t, f.runOnce(t.Context()))
	require.Equal(t, "begin "+one.Position.String(), c.next(t))
	w.apply(two, three)
	require.NoError(t, w.rdb.XTrimMaxLen(t.Context(), w.log.key, 1).Err())
	require.NoError(t, c.follower.WaitFor(t.Context(), three.Position))
	require.NoError(t, f.runOnce(t.Context()))
	require.Equal(t, "skip "+three.Position.Previous().String(), c.next(t))
	require.Contains(t, c.next(t), "deliver")
}
