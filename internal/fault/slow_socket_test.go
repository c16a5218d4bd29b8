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
	f, err := w.next(10 * time.Second)
	require.NoError(w.c.t, err)
	require.Equal(w.c.t, "ack", f.Op, f.Message)
	return f
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

// Two clients stop reading while megabytes of events go into their room. One looks again in time: it is
// told 4008 and finds its place again. The other never does, and its connection is cut. Nobody else
// notices anything.
func TestSlowSocket(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: 1})
		l := c.under()
		reader := c.follow("crowd", 9) // in the room of the slow ones, and reading
		l.clients = append(l.clients, reader)
		from := c.instances[0]
		slow, gone := c.dial(from.addr), c.dial(from.addr)
		since := slow.join("workspace:crowd", grapevine.Position{}).Position
		gone.join("workspace:crowd", grapevine.Position{})
		l.more(50)

		const size = 55_000 // a contact over 64 kB would travel without its fields
		var want, got []string
		var took []time.Duration
		flood := func(batches int, enough func() bool) {
			for n := 0; n < batches && !enough(); n++ {
				var documents []any
				var last string
				for range 5 {
					id, s := bson.NewObjectID(), state{workspace: "crowd", owner: "ann", notes: fmt.Sprint("n", len(want)), email: "x@example.org"}
					last = id.Hex()
					want = append(want, last)
					l.attempting(last, s)
					documents = append(documents, append(document(id, s), bson.E{Key: "company", Value: strings.Repeat("c", size)}))
				}
				_, err := c.db.Collection("contacts").InsertMany(t.Context(), documents)
				require.NoError(t, err)
				for _, id := range want[len(want)-5:] {
					l.acknowledged(id)
				}
				acknowledged := time.Now()
				c.eventually(10*time.Second, "the reader has it", func() bool {
					model, _, _ := reader.snapshot()
					return model[last].ID == last
				})
				took = append(took, time.Since(acknowledged))
			}
		}
		// Both are stuck once a batch is written to the reader alone, twice in a row.
		written, alone := c.sum("grapevine_ws_bytes_total"), 0
		flood(200, func() bool {
			before := written
			written = c.sum("grapevine_ws_bytes_total")
			if written > before && written-before < 1.5*5*size {
				alone++
			} else {
				alone = 0
			}
			return alone == 2
		})
		require.Equal(t, 2, alone, "the kernel holds less than all this")
		c.logf("they are stuck after %d events", len(want))
		c.pass(2 * time.Second) // behind for this long is slow; 5 s later it would be cut off
		var failed error
		for {
			f, err := slow.next(20 * time.Second)
			if failed = err; err != nil {
				break
			}
			if f.Event == "contact:created" {
				got, since = append(got, f.Contact.ID), f.Position
			}
		}
		closed, ok := errors.AsType[*websocket.CloseError](failed)
		require.True(t, ok, "%v", failed)
		require.Equal(t, 4008, closed.Code)
		require.Equal(t, "slow", closed.Text)
		require.Equal(t, want[:len(got)], got, "what it had is without a hole")
		c.eventually(20*time.Second, "both are let go", func() bool { return c.sum("grapevine_ws_slow_total") == 2 })
		flood(10, func() bool { return false })
		require.Less(t, len(got), len(want))
		slices.Sort(took)
		c.logf("others had five events after p50 %s, most %s", took[len(took)/2], took[len(took)-1])
		require.Less(t, took[len(took)-1], 2*time.Second, "others wait for nobody")

		again := c.dial(from.addr)
		ack := again.join("workspace:crowd", since)
		require.True(t, ack.Recovered)
		require.Equal(t, since, ack.Position)
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
