//go:build fault

package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// wire is a WebSocket by hand: it reads only when it is told to.
type wire struct {
	*websocket.Conn
	c *cluster
}

// dial opens a socket whose kernel holds little of what is not read. addr may be a proxy's.
func (c *cluster) dial(addr string) *wire {
	c.t.Helper()
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return conn, err
	}}
	conn, response, err := dialer.DialContext(c.t.Context(), "ws://"+addr+"/ws/contacts", nil)
	require.NoError(c.t, err)
	response.Body.Close()
	c.t.Cleanup(func() { conn.Close() })
	return &wire{conn, c}
}

// join joins a room and answers the ack.
func (w *wire) join(room string, since grapevine.Position) frame {
	w.c.t.Helper()
	request := fmt.Sprintf(`{"op":"join","ref":"1","room":%q}`, room)
	if !since.IsZero() {
		request = fmt.Sprintf(`{"op":"join","ref":"1","room":%q,"since":%q}`, room, since)
	}
	require.NoError(w.c.t, w.WriteMessage(websocket.TextMessage, []byte(request)))
	for {
		f, err := w.next(10 * time.Second)
		require.NoError(w.c.t, err)
		if f.Event == "pipeline" { // an instance that has just started may say that it is not live yet
			continue
		}
		require.Equal(w.c.t, "ack", f.Op, f.Message)
		return f
	}
}

// next is the next frame. Its error is for good.
func (w *wire) next(within time.Duration) (f frame, err error) {
	_ = w.SetReadDeadline(time.Now().Add(within)) // an error shows in the read
	_, message, err := w.ReadMessage()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(message, &f)
}

// created are the contacts a socket is told of until it ends, and the position of the last.
func (w *wire) created(within time.Duration) (ids []string, last grapevine.Position, err error) {
	for {
		f, err := w.next(within)
		if err != nil {
			return ids, last, err
		}
		if f.Event == "contact:created" {
			ids, last = append(ids, f.Contact.ID), f.Position
		}
	}
}

// Clients stop reading while megabytes of events go into their room. One that looks again within the
// five seconds a write may take is told 4008, and finds its place again; one that never does is cut
// off. Nobody else notices anything.
func TestSlowSocket(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: 1})
		l := c.under()
		reader := c.follow("crowd", 9) // in the room of the slow ones, and reading
		l.clients = append(l.clients, reader)
		from := c.instances[0]
		c.dial(from.addr).join("workspace:crowd", grapevine.Position{}) // never looks again
		l.more(50)

		var want []string
		var took []time.Duration
		flood := func(n, size int) {
			var documents []any
			for range n {
				id, s := bson.NewObjectID(), state{workspace: "crowd", owner: "ann", notes: fmt.Sprint("n", len(want)), email: "x@example.org"}
				want = append(want, id.Hex())
				l.attempting(id.Hex(), s)
				documents = append(documents, append(document(id, s), bson.E{Key: "company", Value: strings.Repeat("c", size)}))
			}
			_, err := c.db.Collection("contacts").InsertMany(t.Context(), documents)
			require.NoError(t, err)
			for _, id := range want[len(want)-n:] {
				l.acknowledged(id)
			}
			last, acknowledged := want[len(want)-1], time.Now()
			c.eventually(20*time.Second, "the reader has it", func() bool {
				model, _, _ := reader.snapshot()
				return model[last].ID == last
			})
			took = append(took, time.Since(acknowledged))
		}
		var got []string
		var since grapevine.Position
		for try := 1; ; try++ {
			before := len(want)
			slow := c.dial(from.addr)
			slow.join("workspace:crowd", grapevine.Position{})
			flood(100, 55_000) // more than the kernel holds; a contact over 64 kB would travel without its fields
			for end := time.Now().Add(2 * time.Second); time.Now().Before(end); c.pass(100 * time.Millisecond) {
				flood(1, 10)
			}
			var err error
			got, since, err = slow.created(10 * time.Second)
			require.Equal(t, want[before:before+len(got)], got, "what it had is without a hole")
			got = want[:before+len(got)]
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
				require.Equal(t, 4008, closed.Code)
				require.Equal(t, "slow", closed.Text)
				break
			}
			c.logf("it looked too late, or too soon: %v", err) // this machine has other work
			slow.Close()
			require.Less(t, try, 6)
		}
		c.eventually(20*time.Second, "they are let go", func() bool { return c.sum("grapevine_ws_slow_total") >= 2 })
		flood(20, 1000)
		require.Less(t, len(got), len(want))
		slices.Sort(took)
		c.logf("others had the last of an insert after p50 %s, most %s", took[len(took)/2], took[len(took)-1])
		require.Less(t, took[len(took)/2], time.Second, "others wait for nobody")

		again := c.dial(from.addr)
		ack := again.join("workspace:crowd", since)
		require.True(t, ack.Recovered)
		require.Equal(t, since, ack.Position)
		got = slices.Clone(got)
		for len(got) < len(want) {
			f, err := again.next(20 * time.Second)
			require.NoError(t, err)
			if f.Event == "contact:created" {
				got = append(got, f.Contact.ID)
			}
		}
		require.Equal(t, want, got, "everything, once, in order")
		l.settle(mercy{within: 60 * time.Second})
		for _, k := range l.clients {
			_, _, f := k.snapshot()
			require.Empty(t, f.closes, "only the slow ones were closed")
		}
	})
}
