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

// happening is one event that the model expects in a room.
type happening struct {
	at    grapevine.Position
	event string
}

// model is what one client must see: every event of its rooms after the acknowledged position, once and in
// order, and nothing of another workspace.
type model struct {
	t         *testing.T
	workspace string
	events    map[events.Room][]happening // every event of the test
	next      map[string]int              // by joined room; index of the next event
}

func (m *model) of(room string) []happening {
	return m.events[events.Room{Workspace: m.workspace, Name: room}]
}

func (m *model) see(f wsclient.Frame) wsclient.Frame {
	m.t.Helper()
	at, err := grapevine.ParsePosition(f.Position)
	switch {
	case f.Op == "ack" && f.Recovered != nil: // a join
		require.NoError(m.t, err)
		m.next[f.Room] = firstHappeningAfter(m.of(f.Room), at)
	case f.Op == "ack" && f.Room != "": // a leave
		delete(m.next, f.Room)
	case f.Op == "ack": // a ping: everything up to the position was sent
		require.NoError(m.t, err)
		for room, i := range m.next {
			require.GreaterOrEqual(m.t, i, firstHappeningAfter(m.of(room), at), "%s lacks an event before %s", room, at)
		}
	case f.Event != "":
		i, joined := m.next[f.Room]
		require.True(m.t, joined, f.Text)
		require.Equal(m.t, happening{at, f.Event}, m.of(f.Room)[i], "event %d of %s", i, f.Room)
		require.Equal(m.t, m.workspace, f.ContactFields()["workspace"], f.Text)
		m.next[f.Room]++
	default:
		require.Equal(m.t, "not-joined", f.Code)
	}
	return f
}

func firstHappeningAfter(sorted []happening, p grapevine.Position) int {
	at := make([]grapevine.Position, len(sorted))
	for i, h := range sorted {
		at[i] = h.at
	}
	return firstPositionAfter(at, p)
}

// expect notes what the model expects of a change.
func expect(events map[events.Room][]happening, c grapevine.Change) {
	note := func(contact *grapevine.Contact, room, event string) {
		key := roomOf(contact.Workspace, room)
		events[key] = append(events[key], happening{c.Position, event})
	}
	rooms := func(contact *grapevine.Contact, event string) {
		for _, room := range []string{"workspace:" + contact.Workspace, "owner:" + contact.Owner, "contact:" + c.ID} {
			note(contact, room, event)
		}
	}
	switch {
	case c.Before == nil:
		rooms(c.After, "contact:created")
	case c.Before.Workspace != c.After.Workspace:
		rooms(c.Before, "contact:deleted")
		rooms(c.After, "contact:created")
	default:
		note(c.After, "workspace:"+c.After.Workspace, "contact:updated")
		note(c.After, "contact:"+c.ID, "contact:updated")
		if c.Before.Owner == c.After.Owner {
			note(c.After, "owner:"+c.After.Owner, "contact:updated")
		} else {
			note(c.Before, "owner:"+c.Before.Owner, "contact:deleted")
			note(c.After, "owner:"+c.After.Owner, "contact:created")
		}
	}
}

func roomOf(workspace, name string) events.Room { return events.Room{Workspace: workspace, Name: name} }

func firstPositionAfter(sorted []grapevine.Position, p grapevine.Position) int {
	for i, q := range sorted {
		if p.Before(q) {
			return i
		}
	}
	return len(sorted)
}

// Clients of two workspaces join, leave and join again from random positions while contacts are made, edited and moved. Queues and memory are
// too small on purpose.
func TestAnyOrderOfRequests(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := newHarness(t, events.Config{})
	start := w.heartbeat()
	w.apply(start)
	p := w.open(Config{MaxQueue: 4 << 10, MaxMemory: 64 << 10, Rate: 100_000})
	events := map[events.Room][]happening{}
	var all []grapevine.Position
	var batches [][]grapevine.Change
	state := map[int]*grapevine.Contact{}
	for n := 0; n < 2000; {
		batch := make([]grapevine.Change, random.IntN(100)+1)
		for i := range batch {
			id := random.IntN(200)
			c := w.created(id)
			c.After.Workspace, c.After.Owner = fmt.Sprintf("w%d", random.IntN(2)), fmt.Sprintf("o%d", random.IntN(3))
			if before := state[id]; before != nil {
				c.Op, c.Before, c.Changed = grapevine.Updated, before, []string{"notes"}
			}
			state[id] = c.After
			expect(events, c)
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
	for k := range 4 {
		choose := rand.New(rand.NewPCG(random.Uint64(), 0))
		workspace := fmt.Sprintf("w%d", k%2)
		rooms := []string{"workspace:" + workspace, "owner:o0", "owner:o1", "owner:o2", "contact:" + person(7).ID}
		c := p.dialIn(workspace)
		clients.Go(func() {
			m := &model{t: t, workspace: workspace, events: events, next: map[string]int{}}
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
				if i != len(m.of(room)) {
					t.Errorf("%s: %d of %d events", room, i, len(m.of(room)))
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
