package ws

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
)

func TestFlushAll(t *testing.T) {
	w := newHarness(t, events.Config{})
	one := w.created(1)
	w.apply(one)
	p := w.open(Config{})
	c, idle := p.dial(), p.dial()
	c.Join("workspace:default", "")
	require.NoError(t, w.rdb.FlushDB(t.Context()).Err())
	f := c.Until("resync")
	require.Equal(t, "0-0", f.Position)
	require.True(t, p.follower.Watermark().IsZero())

	restart := grapevine.Change{Op: grapevine.Resync, Restart: true, Position: w.position(), Reason: "Redis was emptied"}
	two := w.created(2)
	w.apply(restart, two)
	f = c.Read()
	require.Equal(t, "resync", f.Event)
	require.Equal(t, restart.Position.String(), f.Position)
	require.Equal(t, "Redis was emptied", f.Reason)
	require.Equal(t, two.Position.String(), c.Read().Position)
	require.False(t, *c.Join("workspace:default", one.Position.String()).Recovered)
	require.True(t, *c.Join("workspace:default", restart.Position.String()).Recovered)
	require.Equal(t, two.Position.String(), c.Read().Position)
	require.Empty(t, idle.Pending(), "a socket without rooms has nothing to read again")
}

// Redis lost the end of the log, and the watcher appends it again.
func TestARolledBackTail(t *testing.T) {
	w := newHarness(t, events.Config{})
	one, two, three := w.created(1), w.created(2), w.created(3)
	w.apply(one, two, three)
	p := w.open(Config{})
	c := p.dial()
	c.Join("workspace:default", one.Position.String())
	c.collect([]grapevine.Position{two.Position, three.Position})
	w.loseTail(one.Position)
	require.Equal(t, one.Position.String(), c.Until("resync").Position)
	require.Equal(t, one.Position, p.follower.Watermark())
	four := w.created(4)
	require.ErrorIs(t, w.log.Apply(t.Context(), w.batch([]grapevine.Change{four})), grapevine.ErrTailLost, "an append would hide that two and three are missing")
	w.fence.Applied = one.Position // the checkpoint was lost too
	w.apply(two, three, four)
	c.collect([]grapevine.Position{two.Position, three.Position, four.Position})
}

// A resync is an entry of the log. A client that was away gets it in its replay, once for all rooms.
func TestAResyncIsReplayed(t *testing.T) {
	w := newHarness(t, events.Config{})
	one := w.created(1)
	resync := grapevine.Change{Op: grapevine.Resync, Position: w.position(), Reason: "collection dropped"}
	two := w.created(2)
	two.After.Owner = "ann"
	w.apply(one)
	p := w.open(Config{})
	live := p.dial()
	live.Join("workspace:default", "")
	live.Join("owner:ann", "")
	w.apply(resync, two)
	late := p.dial()
	late.Join("workspace:default", one.Position.String())
	for _, c := range []*client{live, late} {
		require.Equal(t, "resync", c.Read().Event)
		require.Equal(t, two.Position.String(), c.Read().Position)
	}
	require.Equal(t, "owner:ann", live.Read().Room)
	require.Empty(t, live.Pending())
}

// The log was trimmed past the position of an instance that was stopped. Its sockets are told to read again.
func TestEntriesTrimmedBeforeTheyWereRead(t *testing.T) {
	w := newHarness(t, events.Config{})
	one := w.created(1)
	w.apply(one)
	p := w.open(Config{})
	c := p.dial()
	c.Join("workspace:default", "")
	var batch []grapevine.Change
	for n := range 1500 {
		batch = append(batch, w.created(n))
	}
	other := events.New(w.rdb, events.Config{Prefix: "other:"})
	require.NoError(t, other.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	require.NoError(t, w.rdb.XTrimMaxLen(t.Context(), "other:events", 1200).Err())
	require.NoError(t, w.rdb.Rename(t.Context(), "other:events", w.key).Err())
	f := c.Read()
	require.Equal(t, "resync", f.Event)
	require.Equal(t, batch[300].Position.Previous().String(), f.Position)
	require.Equal(t, batch[300].Position.String(), c.Read().Position)
}

func TestTheConnectionIsCut(t *testing.T) {
	w := newHarness(t, events.Config{})
	w.apply(w.created(0))
	p := w.open(Config{})
	c := p.dial()
	c.Join("workspace:default", "")
	var want []grapevine.Position
	for n := range 20 {
		require.NoError(t, w.rdb.Do(t.Context(), "client", "kill", "type", "normal", "skipme", "yes").Err())
		change := w.created(n)
		w.apply(change)
		want = append(want, change.Position)
	}
	c.collect(want)
}

// Entries that were written by hand are skipped.
func TestEntriesWrittenByHand(t *testing.T) {
	w := newHarness(t, events.Config{})
	one := w.created(1)
	w.apply(one)
	p := w.open(Config{})
	c := p.dial()
	c.Join("workspace:default", "")
	for _, fields := range [][]string{{"op", "created"}, {"x", "y"}, {"op", "resync"}, {"op", "updated", "to", "?workspace:default\n=\n=workspace:default"}} {
		args := []any{"xadd", w.key, w.position().String()}
		for _, f := range fields {
			args = append(args, f)
		}
		require.NoError(t, w.rdb.Do(t.Context(), args...).Err())
	}
	two := w.created(2)
	w.apply(two)
	require.Equal(t, two.Position.String(), c.Read().Position)
}
