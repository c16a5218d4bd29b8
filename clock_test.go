package grapevine

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeMonotonic is a monotonic clock that the test advances.
type fakeMonotonic struct{ at time.Duration }

func (k *fakeMonotonic) read() time.Duration     { return k.at }
func (k *fakeMonotonic) advance(d time.Duration) { k.at += d }
func (k *fakeMonotonic) clock() *Clock           { return &Clock{Monotonic: k.read} }
func second(t uint32, ms int) time.Time {
	return time.Unix(int64(t), int64(ms)*int64(time.Millisecond)).UTC()
}

func now(t *testing.T, c *Clock) time.Time {
	t.Helper()
	now, ok := c.Now()
	require.True(t, ok)
	return now
}

func TestClockKnowsNothingBeforeTheFirstReply(t *testing.T) {
	var c Clock
	_, ok := c.Now()
	require.False(t, ok)
	require.True(t, c.Newest().IsZero())
	_, ok = c.Age(NewPosition(1000, 1, 0))
	require.False(t, ok, "an unknown age must not look like a small one")
	c.Observe(1000, 1)
	_, ok = c.Age(Position{})
	require.False(t, ok)
	_, ok = c.Age(NewPosition(1000, 1, 0))
	require.True(t, ok)
}

func TestClockAdvancesWithTheMonotonicClock(t *testing.T) {
	k := &fakeMonotonic{at: 77 * time.Hour}
	c := k.clock()
	c.Observe(1000, 5)
	require.Equal(t, second(1000, 0), now(t, c))
	k.advance(1500 * time.Millisecond)
	require.Equal(t, second(1001, 500), now(t, c))
	// A reply has no fraction of a second, so the advanced time is more exact.
	c.Observe(1001, 1)
	require.Equal(t, second(1001, 500), now(t, c))
	require.Equal(t, NewPosition(1001, 1, 0), c.Newest())
	age, ok := c.Age(NewPosition(999, 1, 0))
	require.True(t, ok)
	require.Equal(t, 2500*time.Millisecond, age)
	age, _ = c.Age(NewPosition(2000, 1, 0))
	require.Zero(t, age, "an age is never negative")
}

func TestClockIgnoresOlderTimes(t *testing.T) {
	k := &fakeMonotonic{}
	c := k.clock()
	c.Observe(1000, 5)
	k.advance(10 * time.Second)
	for _, late := range []Position{NewPosition(1000, 5, 0), NewPosition(1000, 4, 0), NewPosition(900, 9, 0)} {
		c.Observe(late.T(), late.I())
		require.Equal(t, NewPosition(1000, 5, 0), c.Newest())
		require.Equal(t, second(1010, 0), now(t, c), "a late reply does not move the clock back")
	}
	c.Observe(1000, 6)
	require.Equal(t, NewPosition(1000, 6, 0), c.Newest())
}

// mongod's clock may be stepped. This machine's wall clock does not matter, because it is not read. After the machine
// slept, its monotonic clock is behind.
func TestClockSteps(t *testing.T) {
	for name, step := range map[string]struct {
		advance  time.Duration // of the monotonic clock
		observed uint32        // cluster time of the next reply
		want     time.Time
	}{
		"none":                            {time.Second, 1001, second(1001, 0)},
		"mongod an hour ahead":            {time.Second, 4600, second(4600, 0)},
		"this machine slept for an hour":  {0, 4600, second(4600, 0)},
		"within the second of a reply":    {1900 * time.Millisecond, 1001, second(1001, 900)},
		"this process runs 2 s ahead":     {4 * time.Second, 1002, second(1004, 0)},
		"this process runs far ahead":     {time.Hour, 1002, second(1003, 0)},
		"mongod was set back":             {time.Minute, 1000, second(1001, 0)},
		"mongod was idle for ten minutes": {10 * time.Minute, 1600, second(1600, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			k := &fakeMonotonic{at: time.Hour}
			c := k.clock()
			c.Observe(1000, 1)
			k.advance(step.advance)
			c.Observe(step.observed, 2)
			require.Equal(t, step.want, now(t, c))
			require.Equal(t, NewPosition(step.observed, 2, 0), c.Newest())
			k.advance(time.Second)
			require.Equal(t, step.want.Add(time.Second), now(t, c), "the clock continues from there")
		})
	}
}

// Bounded staleness relies on this: while replies come, the clock is never wrong by more than the second that a
// reply leaves out.
func TestClockUnderManyReplies(t *testing.T) {
	k := &fakeMonotonic{}
	c := k.clock()
	for ms := range 60_000 {
		if ms%7 == 0 {
			c.Observe(uint32(1000+ms/1000), uint32(ms%1000+1)) //nolint:gosec // small
		}
		truth := second(1000, ms)
		require.WithinDuration(t, truth, now(t, c), time.Second)
		k.advance(time.Millisecond)
	}
}

func TestClockIsSafeForConcurrentUse(t *testing.T) {
	var c Clock
	var observers sync.WaitGroup
	for n := range 8 {
		observers.Go(func() {
			for i := range 2000 {
				c.Observe(uint32(1000+i/100), uint32(n+1)) //nolint:gosec // small
				c.Newest()
				if _, ok := c.Now(); !ok {
					panic("the clock has observed a time")
				}
			}
		})
	}
	observers.Wait()
	require.Equal(t, NewPosition(1019, 8, 0), c.Newest())
}

// Without an injected clock, the clock of the process counts.
func TestClockOfTheProcess(t *testing.T) {
	var c Clock
	c.Observe(1000, 1)
	first := now(t, &c)
	require.Eventually(t, func() bool { return now(t, &c).After(first) }, time.Second, time.Millisecond)
}

func TestClampLowersOnlyPositionsFromTheFuture(t *testing.T) {
	var c Clock
	c.Observe(1000, 5)
	pings := 0
	ping := func(context.Context) (Position, error) {
		pings++
		return NewPosition(1000, 9, 0), nil
	}
	for _, test := range []struct{ p, want Position }{
		{NewPosition(999, 7, 1), NewPosition(999, 7, 1)},
		{NewPosition(1000, 5, 0).End(), NewPosition(1000, 5, 0).End()}, // events of that time may still come
		{NewPosition(1000, 9, 3), NewPosition(1000, 9, 3)},
		{NewPosition(1000, 10, 0), NewPosition(1000, 9, 0)},
	} {
		got, err := c.Clamp(t.Context(), test.p, ping)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
	require.Equal(t, 2, pings, "MongoDB is asked only about a time that no reply has shown")
	got, err := c.Clamp(t.Context(), NewPosition(1000, 6, 0), nil)
	require.NoError(t, err)
	require.Equal(t, NewPosition(1000, 5, 0), got)
	_, err = c.Clamp(t.Context(), NewPosition(1001, 0, 0), func(context.Context) (Position, error) { return Position{}, errors.New("down") })
	require.Error(t, err)
}
