package ws

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest/wsclient"
)

// collect reads contact events and requires that their positions are want.
func (c *client) collect(want []grapevine.Position) {
	c.t.Helper()
	for i, p := range want {
		f := c.Read().Text
		for !strings.Contains(f, `{"event":"contact:`) {
			f = c.Read().Text
		}
		require.Contains(c.t, f, `"position":"`+p.String()+`"`, "event %d of %d", i, len(want))
	}
}

// Clients come and go while events are written. Each gets every event once and in order.
func TestResumeUnderLoad(t *testing.T) {
	for name, memory := range map[string]int{"from memory": 16 << 20, "from Redis": 1} {
		t.Run(name, func(t *testing.T) {
			w := newHarness(t, events.Config{})
			start := w.created(0)
			w.apply(start)
			// MongoDB's time is never behind the log. A replay may be ahead of the hub, which follows the log.
			var end grapevine.Position
			p := w.open(Config{MaxMemory: memory, Rate: 1000, Ping: func(context.Context) (grapevine.Position, error) { return end, nil }})
			const events = 2500
			batches := make([][]grapevine.Change, 0, events)
			var positions []grapevine.Position
			for n := 1; n <= events; {
				batch := make([]grapevine.Change, rand.IntN(20)+1)
				for i := range batch {
					batch[i] = w.created(n)
					positions = append(positions, batch[i].Position)
					n++
				}
				batches = append(batches, batch)
			}
			end = positions[len(positions)-1]
			var all sync.WaitGroup
			all.Go(func() {
				for _, batch := range batches {
					if err := w.log.Apply(context.Background(), w.batch(batch)); err != nil {
						t.Error(err)
					}
				}
			})
			joins := 0
			var mu sync.Mutex
			for range 4 {
				all.Go(func() {
					at := start.Position
					next := 0 // in positions
					for at != end && !t.Failed() {
						c := p.dial()
						ack := c.Join("workspace:default", at.String())
						if !ack.IsRecovered() || ack.Position != at.String() {
							t.Errorf("not recovered from %s: %+v", at, ack)
						}
						stay := rand.IntN(40) // frames, after which it disconnects
						for range stay {
							if at == end {
								break
							}
							if f := c.Read().Text; !strings.Contains(f, positions[next].String()) {
								t.Errorf("got %s, want %s", f, positions[next])
								return
							}
							at = positions[next]
							next++
						}
						_ = c.Conn.Close()
						mu.Lock()
						joins++
						mu.Unlock()
					}
				})
			}
			all.Wait()
			require.Greater(t, joins, 200)
			if memory == 1 {
				require.Positive(t, p.hub.Stats().Replayed)
			}
		})
	}
}

// One socket joins rooms from different positions while events are written.
func TestSeveralRoomsFromDifferentPlaces(t *testing.T) {
	w := newHarness(t, events.Config{})
	var changes []grapevine.Change
	for n := range 600 {
		c := w.created(n)
		c.After.Workspace = fmt.Sprintf("w%d", n%3)
		c.After.Owner = fmt.Sprintf("o%d", n%2)
		changes = append(changes, c)
	}
	w.apply(changes[:300]...)
	p := w.open(Config{Rate: 1000})
	c := p.dial()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := 300; i < 600; i += 3 {
			if err := w.log.Apply(context.Background(), w.batch(changes[i:i+3])); err != nil {
				t.Error(err)
			}
		}
	}()
	since := map[string]int{"workspace:w0": 250, "workspace:w1": 10, "owner:o1": 150}
	got := map[string][]string{}
	acks := 0
	for room, n := range since {
		c.Send(`{"op":"join","room":%q,"since":"%s"}`, room, changes[n].Position)
	}
	want := map[string][]string{}
	total := 0
	for i, change := range changes {
		for _, room := range []string{"workspace:" + change.After.Workspace, "owner:" + change.After.Owner} {
			if from, ok := since[room]; ok && i > from {
				want[room] = append(want[room], change.Position.String())
				total++
			}
		}
	}
	for range total + len(since) {
		f := c.Read()
		if f.Op == "ack" {
			require.True(t, *f.Recovered)
			acks++
			continue
		}
		got[f.Room] = append(got[f.Room], f.Position)
	}
	<-written
	require.Equal(t, 3, acks)
	require.Equal(t, want, got)
	c.Send(`{"op":"ping","ref":"end"}`)
	f := c.Read()
	require.Equal(t, "end", f.Ref, "no further event came")
	require.Equal(t, changes[599].Position.String(), f.Position)
}

func TestWhatCannotBeRecovered(t *testing.T) {
	w := newHarness(t, events.Config{})
	one, two, three := w.created(1), w.created(2), w.created(3)
	w.apply(one, two, three)
	clock := &grapevine.Clock{}
	clock.Observe(three.Position.T(), three.Position.I()+50)
	asked := 0
	p := w.open(Config{Clock: clock, MaxStaleness: time.Hour, Ping: func(context.Context) (grapevine.Position, error) {
		asked++
		return grapevine.NewPosition(testSecond, 1000, 0), nil
	}})
	require.Eventually(t, func() bool { return !p.hub.Stats().Degraded }, soon, poll)
	join := func(since string) wsclient.Frame {
		return p.dial().Join("workspace:default", since)
	}
	for name, test := range map[string]struct {
		since     grapevine.Position
		recovered bool
	}{
		"the beginning":                 {one.Position.Previous(), true},
		"before the beginning":          {grapevine.NewPosition(testSecond, 0, 0), false},
		"zero":                          {grapevine.Position{}, false},
		"middle":                        {two.Position, true},
		"the end":                       {three.Position, true},
		"ahead of this instance, known": {grapevine.NewPosition(testSecond, 20, 0), true},
		"ahead of this instance, asked": {grapevine.NewPosition(testSecond, 999, 0), true},
		"the end of a write of many":    {three.Position.End(), true},
		"the future":                    {grapevine.NewPosition(testSecond+60, 0, 0), false},
	} {
		ack := join(test.since.String())
		require.Equal(t, test.recovered, *ack.Recovered, name)
		if test.recovered {
			require.Equal(t, test.since.String(), ack.Position, name)
		} else {
			require.Equal(t, three.Position.String(), ack.Position, name)
		}
	}
	require.Equal(t, 2, asked, "MongoDB is asked only about a time that no reply has shown")

	// The entries are still in memory here. But other instances cannot replay them, so this one does not either.
	require.NoError(t, w.rdb.XTrimMaxLen(t.Context(), w.key, 1).Err())
	require.False(t, *join(two.Position.String()).Recovered)
	require.True(t, *join(three.Position.String()).Recovered)

	// Entries at or before since are not sent, even if this instance reads them only now.
	c := p.dial()
	ahead := grapevine.NewPosition(testSecond, 40, 0)
	c.Join("workspace:default", ahead.String())
	before, after := w.created(4), w.created(5)
	after.Position = grapevine.NewPosition(testSecond, 41, 0)
	w.apply(before, after)
	require.Equal(t, after.Position.String(), c.Read().Position)
}

// A replay longer than the queue waits for the client, and does not close it.
func TestALongReplayWaitsForTheClient(t *testing.T) {
	w := newHarness(t, events.Config{})
	first := w.created(0)
	w.apply(first)
	var want []grapevine.Position
	for n := range 40 {
		var batch []grapevine.Change
		for i := range 50 {
			c := w.created(50*n + i)
			c.After.Notes = strings.Repeat("n", 4000)
			batch = append(batch, c)
			want = append(want, c.Position)
		}
		w.apply(batch...)
	}
	p := w.open(Config{MaxMemory: 1 << 20, MaxQueue: 32 << 10})
	c := p.dial()
	require.True(t, *c.Join("workspace:default", first.Position.String()).Recovered)
	c.collect(want)
	live := w.created(9999)
	w.apply(live)
	c.collect([]grapevine.Position{live.Position})
	require.Zero(t, p.hub.Stats().Slow)
}

// Many clients come back at once, from a position older than memory. They share the pages that are read.
func TestReconnectingClientsSharePages(t *testing.T) {
	w := newHarness(t, events.Config{})
	first := w.created(0)
	w.apply(first)
	var want []grapevine.Position
	for n := range 3 {
		var batch []grapevine.Change
		for i := range 200 {
			batch = append(batch, w.created(200*n+i))
			want = append(want, batch[i].Position)
		}
		w.apply(batch...)
	}
	p := w.open(Config{MaxMemory: 200 << 10, Rate: 1000})
	before := w.calls("xrange")
	clients := make([]*client, 100)
	for i := range clients {
		clients[i] = p.dial()
	}
	for _, c := range clients {
		c.Send(`{"op":"join","ref":"j","room":"workspace:default","since":"%s"}`, first.Position)
	}
	for _, c := range clients {
		require.True(t, *c.Until("ack").Recovered)
		c.collect(want)
	}
	require.Less(t, w.calls("xrange")-before, 200, "one lookup for each join, and 3 shared pages; without sharing it would be 700")
}

// calls is the number of calls of a Redis command, by any client.
func (w *harness) calls(command string) int {
	w.t.Helper()
	info, err := w.rdb.Info(w.t.Context(), "commandstats").Result()
	require.NoError(w.t, err)
	n := 0
	_, rest, ok := strings.Cut(info, "cmdstat_"+command+":calls=")
	if ok {
		_, err = fmt.Sscanf(rest, "%d", &n)
		require.NoError(w.t, err)
	}
	return n
}
