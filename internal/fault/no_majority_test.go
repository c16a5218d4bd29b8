//go:build fault

package fault

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// The primary accepts writes that no other node gets, and then it is killed. Requests in the meantime are
// answered 503 within their timeout, because their writes have no majority, and the writes are rolled back.
// A create that is repeated with its key makes one contact. No answer and no socket shows a write without
// a majority.
func TestNoMajority(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{nodes: 3, mongod: []string{"--setParameter", "enableTestCommands=1"}})
	l := c.startLoad()
	l.waitForWrites(100)
	l.end()
	c.waitForDrain(l.clients, allowances{})
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	defer cancel()
	old, err := c.set.Primary(ctx)
	require.NoError(t, err)
	replication := func(mode string) {
		for _, node := range c.set.Nodes {
			if node != old {
				require.NoError(t, c.connectTo(node).Database("admin").RunCommand(ctx, bson.D{
					{Key: "configureFailPoint", Value: "stopReplProducer"}, {Key: "mode", Value: mode},
				}).Err())
			}
		}
	}
	known, in := l.settledContact() // the end of the load cuts answers off
	replication("alwaysOn")
	ask := func(key string) (status int, id string) {
		watch := realtest.StartStopwatch(t)
		status, h, body := c.instances[0].call(ctx, http.MethodPost, "/contacts", `{"firstName":"Ada","email":"ada@example.org","notes":"`+key+`"}`,
			"Content-Type", "application/json", "Workspace", "one", "Idempotency-Key", key)
		require.Less(t, watch.Stop(), watch.Allow(12*time.Second), "a request without a majority does not hang")
		if status == http.StatusServiceUnavailable {
			require.NotEmpty(t, h.Get("Retry-After"))
		}
		return status, contactOf(body).ID
	}
	status, _ := ask("first")
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, h, _ := c.instances[1].get("/contacts/"+known, "Workspace", in)
	require.Equal(t, http.StatusOK, status, "reads still work")
	status, _, body := c.instances[0].call(ctx, http.MethodPatch, "/contacts/"+known, `{"notes":"without a majority"}`,
		"Content-Type", "application/merge-patch+json", "Workspace", in, "If-Match", h.Get("ETag"))
	require.Equal(t, http.StatusServiceUnavailable, status, "%s", body)
	hidden := func() {
		t.Helper()
		for _, i := range c.instances {
			_, _, body := i.get("/contacts/"+known, "Workspace", in)
			require.NotEqual(t, "without a majority", contactOf(body).Notes)
			_, _, body = i.get("/contacts?limit=200", "Workspace", "one")
			for _, item := range pageOf(body).Items {
				require.NotEqual(t, "first", item.Notes)
			}
		}
		for _, k := range l.clients {
			model, _, _ := k.snapshot()
			for _, contact := range model {
				require.NotContains(t, []string{"first", "without a majority"}, contact.Notes)
			}
		}
	}
	hidden()
	old.Kill()
	replication("off")
	_, err = c.set.Primary(ctx)
	require.NoError(t, err)
	hidden()

	var made string
	require.True(t, retryUntil(ctx, func() bool {
		status, made = ask("first")
		return status == http.StatusCreated || status == http.StatusOK
	}))
	status, again := ask("first")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, made, again)
	require.NoError(t, old.Restart(ctx))
	n, err := c.db.Collection(grapevine.CollectionContacts).CountDocuments(ctx, bson.D{{Key: "notes", Value: "first"}})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	l.writeDirectly(50)
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
	require.Equal(t, 1, c.mail.counts()["welcome:"+made])
	require.Empty(t, c.gaps())
}
