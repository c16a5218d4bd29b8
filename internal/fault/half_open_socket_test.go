//go:build fault

package fault

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/servers"
)

// The network between a client and its instance stops silently: both ends believe that the connection is
// open. The instance pings and closes connections that were silent for 60 s. The client resumes at its
// position.
func TestHalfOpenSocket(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1})
	from := c.instances[0]
	proxy, err := servers.NewProxy(from.addr)
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	sockets := func() float64 { return c.sum("grapevine_ws_sockets") }

	const n = 20
	var since grapevine.Position
	for range n {
		since = c.dial(proxy.Addr()).join("workspace:one", grapevine.Position{}).Position
	}
	good := c.dial(from.addr)
	good.join("workspace:one", grapevine.Position{})
	c.eventually(10*time.Second, "all sockets are open", func() bool { return sockets() == n+1 })
	go func() { // reading also answers the pings
		for {
			if _, err := good.next(time.Minute); err != nil {
				return
			}
		}
	}()
	proxy.Stall()
	began := time.Now()
	var want []string
	for n := range 5 { // their events go into the kernel's buffers
		id := bson.NewObjectID()
		_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(t.Context(), document(id, state{workspace: "one", owner: "ann", notes: fmt.Sprint(n)}))
		require.NoError(t, err)
		want = append(want, id.Hex())
	}
	c.eventually(80*time.Second, "the silent sockets are closed", func() bool { return sockets() == 1 })
	c.logf("closed after %s", time.Since(began).Round(time.Second))
	require.Greater(t, time.Since(began), 30*time.Second, "a short silence does not close a socket")
	proxy.Cut()
	proxy.Forward()

	again := c.dial(proxy.Addr())
	require.True(t, again.join("workspace:one", since).Recovered)
	var got []string
	for len(got) < len(want) {
		f, err := again.next(10 * time.Second)
		require.NoError(t, err)
		if f.Event == "contact:created" {
			got = append(got, f.Contact.ID)
		}
	}
	require.Equal(t, want, got)
}
