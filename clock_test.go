package grapevine

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ticker is a monotonic clock that a test moves.
type ticker struct{ at time.Duration }

func (k *ticker) read() time.Duration  { return k.at }
func (k *ticker) pass(d time.Duration) { k.at += d }
func (k *ticker) clock() *Clock        { return &Clock{Monotonic: k.read} }
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
	_, ok = c.Age(At(1000, 1, 0))
	require.False(t, ok, "an unknown age is not a small one")
	c.Observe(1000, 1)
	_, ok = c.Age(Position{})
	require.False(t, ok)
	_, ok = c.Age(At(1000, 1, 0))
	require.True(t, ok)
}

func TestClockIsCarriedOnByTheMonotonicClock(t *testing.T) {
	k := &ticker{at: 77 * time.Hour}
	c := k.clock()
	c.Observe(1000, 5)
	require.Equal(t, second(1000, 0), now(t, c))
	k.pass(1500 * time.Millisecond)
	require.Equal(t, second(1001, 500), now(t, c))
	// A reply says no more than its second: the carried time is the better one.
	c.Observe(1001, 1)
	require.Equal(t, second(1001, 500), now(t, c))
	require.Equal(t, At(1001, 1, 0), c.Newest())
	age, ok := c.Age(At(999, 1, 0))
	require.True(t, ok)
	require.Equal(t, 2500*time.Millisecond, age)
	age, _ = c.Age(At(2000, 1, 0))
	require.Zero(t, age, "never negative")
}

func TestClockIgnoresWhatIsNotNewer(t *testing.T) {
	k := &ticker{}
	c := k.clock()
	c.Observe(1000, 5)
	k.pass(10 * time.Second)
	for _, late := range []Position{At(1000, 5, 0), At(1000, 4, 0), At(900, 9, 0)} {
		c.Observe(late.T(), late.I())
		require.Equal(t, At(1000, 5, 0), c.Newest())
		require.Equal(t, second(1010, 0), now(t, c), "a reply that was under way for long moves nothing back")
	}
	c.Observe(1000, 6)
	require.Equal(t, At(1000, 6, 0), c.Newest())
}

// Clocks are stepped: mongod's forwards, this machine's not at all, because it is not read. A machine
// that slept finds its monotonic clock behind.
func TestClockSteps(t *testing.T) {
	for name, step := range map[string]struct {
		passes time.Duration // by the monotonic clock
		says   uint32        // the next reply
		want   time.Time
	}{
		"none":                             {time.Second, 1001, second(1001, 0)},
		"mongod an hour ahead":             {time.Second, 4600, second(4600, 0)},
		"this machine slept for an hour":   {0, 4600, second(4600, 0)},
		"within the second of a reply":     {1900 * time.Millisecond, 1001, second(1001, 900)},
		"our clock runs 2 s ahead":         {4 * time.Second, 1002, second(1004, 0)},
		"our clock runs far ahead":         {time.Hour, 1002, second(1003, 0)},
		"mongod back, so its time creeps":  {time.Minute, 1000, second(1001, 0)},
		"an idle mongod, ten minutes long": {10 * time.Minute, 1600, second(1600, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			k := &ticker{at: time.Hour}
			c := k.clock()
			c.Observe(1000, 1)
			k.pass(step.passes)
			c.Observe(step.says, 2)
			require.Equal(t, step.want, now(t, c))
			require.Equal(t, At(step.says, 2, 0), c.Newest())
			k.pass(time.Second)
			require.Equal(t, step.want.Add(time.Second), now(t, c), "it goes on from there")
		})
	}
}

// What bounded staleness rests on: while replies come, time does not stand still nor run backwards by
// more than the second a reply is cut short by.
func TestClockUnderManyReplies(t *testing.T) {
	k := &ticker{}
	c := k.clock()
	for ms := range 60_000 {
		if ms%7 == 0 {
			c.Observe(uint32(1000+ms/1000), uint32(ms%1000+1)) //nolint:gosec // small
		}
		truth := second(1000, ms)
		require.WithinDuration(t, truth, now(t, c), time.Second)
		k.pass(time.Millisecond)
	}
}

func TestClockIsSafeForConcurrentUse(t *testing.T) {
	var c Clock
	var side sync.WaitGroup
	for n := range 8 {
		side.Go(func() {
			for i := range 2000 {
				c.Observe(uint32(1000+i/100), uint32(n+1)) //nolint:gosec // small
				c.Newest()
				if _, ok := c.Now(); !ok {
					panic("it was told a time")
				}
			}
		})
	}
	side.Wait()
	require.Equal(t, At(1019, 8, 0), c.Newest())
}

// Without an injected clock it is the process's own.
func TestClockOfTheProcess(t *testing.T) {
	var c Clock
	c.Observe(1000, 1)
	first := now(t, &c)
	require.Eventually(t, func() bool { return now(t, &c).After(first) }, time.Second, time.Millisecond)
}
