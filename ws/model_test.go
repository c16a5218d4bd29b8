package ws

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest/wsclient"
)

// model is what one client must see: every event of its rooms after the acknowledged position, once and in
// order.
type model struct {
	t      *testing.T
	events map[string][]grapevine.Position // by room; every event of the test
	next   map[string]int                  // by joined room; index of the next event
}

func (m *model) see(f wsclient.Frame) wsclient.Frame {
	m.t.Helper()
	at, err := grapevine.ParsePosition(f.Position)
	switch {
	case f.Op == "ack" && f.Recovered != nil: // a join
		require.NoError(m.t, err)
		m.next[f.Room] = firstPositionAfter(m.events[f.Room], at)
	case f.Op == "ack" && f.Room != "": // a leave
		delete(m.next, f.Room)
	case f.Op == "ack": // a ping: everything up to the position was sent
		require.NoError(m.t, err)
		for room, i := range m.next {
			require.GreaterOrEqual(m.t, i, firstPositionAfter(m.events[room], at), "%s lacks an event before %s", room, at)
		}
	case f.Event != "":
		i, joined := m.next[f.Room]
		require.True(m.t, joined, f.Text)
		require.Equal(m.t, m.events[f.Room][i], at, "event %d of %s", i, f.Room)
		m.next[f.Room]++
	default:
		require.Equal(m.t, "not-joined", f.Code)
	}
	return f
}

func firstPositionAfter(sorted []grapevine.Position, p grapevine.Position) int {
	for i, q := range sorted {
		if p.Before(q) {
			return i
		}
	}
	return len(sorted)
}

// Clients join, leave and join again from random positions while events are written. Queues and memory are
// too small on purpose.
func TestAnyOrderOfRequests(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := newHarness(t, events.Config{})
	start := w.heartbeat()
	w.apply(start)
	p := w.open(Config{MaxQueue: 4 << 10, MaxMemory: 64 << 10, Rate: 100_000})
	rooms := []string{"workspace:w0", "workspace:w1", "owner:o0", "owner:o1", "owner:o2"}
	events := map[string][]grapevine.Position{}
	var all []grapevine.Position
	var batches [][]grapevine.Change
	for n := 0; n < 2000; {
		batch := make([]grapevine.Change, random.IntN(100)+1)
		for i := range batch {
			c := w.created(n)
			c.After.Workspace, c.After.Owner = fmt.Sprintf("w%d", n%2), fmt.Sprintf("o%d", n%3)
			for _, room := range []string{"workspace:" + c.After.Workspace, "owner:" + c.After.Owner} {
				events[room] = append(events[room], c.Position)
			}
			all = append(all, c.Position)
			batch[i] = c
			n++
		}
		batches = append(batches, batch)
	}
	end := all[len(all)-1]
	var written sync.WaitGroup
	written.Go(func() {
		for _, batch := range batches {
			if err := w.log.Apply(context.Background(), w.batch(batch)); err != nil {
				t.Error(err)
			}
		}
	})
	var clients sync.WaitGroup
	for range 4 {
		choose := rand.New(rand.NewPCG(random.Uint64(), 0))
		c := p.dial()
		clients.Go(func() {
			m := &model{t: t, events: events, next: map[string]int{}}
			for n := range 150 {
				room := rooms[choose.IntN(len(rooms))]
				ref := fmt.Sprint(n)
				switch choose.IntN(4) {
				case 0:
					c.Send(`{"op":"leave","ref":%q,"room":%q}`, ref, room)
				case 1:
					c.Send(`{"op":"ping","ref":%q}`, ref)
				case 2:
					c.Send(`{"op":"join","ref":%q,"room":%q}`, ref, room)
				default: // from a position at or before the watermark
					here := firstPositionAfter(all, p.follower.Watermark())
					since := start.Position
					if here > 0 {
						since = all[max(0, here-1-choose.IntN(200))]
					}
					c.Send(`{"op":"join","ref":%q,"room":%q,"since":"%s"}`, ref, room, since)
				}
				for m.see(c.Read()).Ref != ref {
					continue
				}
			}
			for n := 0; ; n++ {
				c.Send(`{"op":"ping","ref":"end%d"}`, n)
				f := m.see(c.Read())
				for f.Ref == "" {
					f = m.see(c.Read())
				}
				if f.Position == end.String() {
					break
				}
			}
			for room, i := range m.next {
				if i != len(events[room]) {
					t.Errorf("%s: %d of %d events", room, i, len(events[room]))
				}
			}
		})
	}
	written.Wait()
	clients.Wait()
	s := p.hub.Stats()
	require.Zero(t, s.Slow)
	require.Positive(t, s.Overflows)
	require.Positive(t, s.Replayed)
}
