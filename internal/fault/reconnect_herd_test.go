//go:build fault

package fault

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest/wsclient"
)

// herd is many clients that only listen, reconnect, and count.
type herd struct {
	c         *cluster
	joined    atomic.Int64 // sockets that are in their room now
	rejoins   atomic.Int64 // joins with since
	recovered atomic.Int64 // joins with since that were recovered
	resyncs   atomic.Int64
	mu        sync.Mutex
	received  map[string]int // number of clients that received the event, by contact id
	twice     int
}

// run is one client until ctx is done.
func (h *herd) run(ctx context.Context, n int) {
	since, seen := grapevine.Position{}, map[grapevine.Position]bool{}
	for ctx.Err() == nil {
		from := h.c.instances[n%len(h.c.instances)]
		since = h.session(ctx, from.addr, since, seen)
		select {
		case <-ctx.Done():
		case <-time.After(100*time.Millisecond + rand.N(2*time.Second)): // like the page
		}
	}
}

func (h *herd) session(ctx context.Context, addr string, since grapevine.Position, seen map[grapevine.Position]bool) grapevine.Position {
	conn, _, err := wsclient.Dial(ctx, "ws://"+addr+"/ws/contacts")
	if err != nil {
		return since
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if !since.IsZero() {
		h.rejoins.Add(1)
	}
	if conn.Join("workspace:herd", textOf(since)) != nil {
		return since
	}
	in := false
	for {
		f, err := next(conn, 5*time.Minute)
		if err != nil {
			if in {
				h.joined.Add(-1)
			}
			return since
		}
		switch {
		case f.Op == "ack":
			in = true
			h.joined.Add(1)
			if f.Recovered {
				h.recovered.Add(1)
			}
			since = f.Position
		case f.Event == "resync":
			h.resyncs.Add(1)
			since = f.Position
		case strings.HasPrefix(f.Event, "contact:"):
			since = f.Position
			h.mu.Lock()
			if seen[f.Position] {
				h.twice++
			}
			seen[f.Position] = true
			if f.Event == "contact:created" { // the derived part follows, as an update
				h.received[f.Contact.ID]++
			}
			h.mu.Unlock()
		}
	}
}

// 2,000 sockets lose their instance at once and reconnect to it. They are served from the event log in
// Redis and from the part of it that the instance keeps in memory. They cause no query of MongoDB.
func TestReconnectHerd(t *testing.T) {
	t.Parallel()
	const size = 2000
	c := newCluster(t, 1, plan{instances: 2, env: map[string]string{"ROLES": "api,watcher"}})
	h := &herd{c: c, received: map[string]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for n := range size {
		running.Go(func() { h.run(ctx, n) })
	}
	t.Cleanup(func() { cancel(); running.Wait() })
	c.logf("all joined after %s", c.eventually(60*time.Second, "all have joined", func() bool { return h.joined.Load() == size }).Round(time.Millisecond))

	insert := func(n int) (ids []string) {
		for range n {
			id := bson.NewObjectID()
			_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(t.Context(), document(id, state{workspace: "herd", owner: "ann", notes: "n"}))
			require.NoError(t, err)
			ids = append(ids, id.Hex())
		}
		return ids
	}
	received := func(ids []string) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, id := range ids {
			if h.received[id] < size {
				return false
			}
		}
		return true
	}
	sent := insert(5)
	c.eventually(30*time.Second, "all received it", func() bool { return received(sent) })

	queries := func() int64 {
		var status struct {
			Counters struct {
				Query   int64 `bson:"query"`
				Command int64 `bson:"command"`
			} `bson:"opcounters"`
		}
		require.NoError(t, c.client.Database("admin").RunCommand(t.Context(), bson.D{{Key: "serverStatus", Value: 1}}).Decode(&status))
		return status.Counters.Query
	}
	for _, i := range c.instances {
		i.Kill()
	}
	c.eventually(20*time.Second, "all are disconnected", func() bool { return h.joined.Load() == 0 })
	sent = append(sent, insert(20)...) // while no client is connected
	before := queries()
	began := time.Now()
	for _, i := range c.instances {
		i.launch()
	}
	c.eventually(60*time.Second, "all are back", func() bool { return h.joined.Load() == size })
	c.logf("all back after %s", time.Since(began).Round(time.Millisecond))
	sent = append(sent, insert(5)...)
	c.eventually(60*time.Second, "all received everything", func() bool { return received(sent) })
	c.logf("all received everything after %s; MongoDB had %d queries", time.Since(began).Round(time.Millisecond), queries()-before)
	require.Less(t, queries()-before, int64(size/2), "the clients cause no queries of MongoDB")
	require.Equal(t, h.rejoins.Load(), h.recovered.Load(), "every join with since was recovered")
	require.GreaterOrEqual(t, h.rejoins.Load(), int64(size))
	require.Zero(t, h.resyncs.Load())
	require.Zero(t, h.twice, "no client received an event twice")
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range sent {
		require.Equal(t, size, h.received[id])
	}
	require.Zero(t, c.sum("grapevine_ws_slow_total"))
	require.Empty(t, c.gaps())
}
