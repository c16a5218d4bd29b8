//go:build fault

package fault

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// MongoDB creates a contact and its answer is lost, so the instance cannot know about it. Repeating the
// request with the same Idempotency-Key is safe and makes no second contact.
func TestAmbiguousReply(t *testing.T) {
	t.Parallel()
	for name, patient := range map[string]bool{"cut": false, "muted until the request times out": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1, plan{instances: 1, proxied: true, mongod: []string{"--setParameter", "enableTestCommands=1"}})
			for n, key := range []string{"a", "b", "c"} {
				first := c.ambiguously(key, patient, n+1)
				c.logf("first answered %d", first.status)
				var again created
				c.eventually(20*time.Second, "the repeated request is answered", func() bool {
					again = c.create(key)
					return again.status < 500 && again.status != 0
				})
				require.Equal(t, http.StatusOK, again.status)
				if first.status == http.StatusCreated { // the driver repeated the insert by itself
					require.Equal(t, again.id, first.id)
				} else {
					require.Equal(t, http.StatusServiceUnavailable, first.status)
				}
				require.Equal(t, patient, first.status == http.StatusServiceUnavailable)
				require.Len(t, c.truth(), n+1, "each key makes one contact")
			}
			c.waitForStreaming(30 * time.Second)
			c.waitForDrain(nil, allowances{drainTime: 90 * time.Second})
			require.Len(t, c.mail.counts(), 3, "each contact gets one welcome")
		})
	}
}

type created struct {
	status int
	id     string
}

func (c *cluster) create(key string) created {
	status, _, body := c.instances[0].call(context.Background(), http.MethodPost, "/contacts", `{"firstName":"Ada","email":"ada@example.org"}`,
		"Content-Type", "application/json", "Workspace", "one", "Idempotency-Key", key)
	return created{status, contactOf(body).ID}
}

// ambiguously creates the n-th contact in such a way that MongoDB's answer is lost.
func (c *cluster) ambiguously(key string, patient bool, n int) created {
	c.t.Helper()
	// The insert waits inside mongod until the proxy drops the answers. Earlier commands are answered. The probe of /readyz
	// inserts too, but MongoDB refuses its document before this fail point.
	admin := c.connectTo(c.mongod).Database("admin") // waitForFailPoint has its own timeout
	hang := func(mode string) (count int64) {
		var set struct {
			Count int64 `bson:"count"`
		}
		require.NoError(c.t, admin.RunCommand(c.t.Context(), bson.D{
			{Key: "configureFailPoint", Value: "hangDuringBatchInsert"}, {Key: "mode", Value: mode},
		}).Decode(&set))
		return set.Count
	}
	before := hang("alwaysOn")
	answered := make(chan created, 1)
	go func() { answered <- c.create(key) }()
	require.NoError(c.t, admin.RunCommand(c.t.Context(), bson.D{
		{Key: "waitForFailPoint", Value: "hangDuringBatchInsert"}, {Key: "timesEntered", Value: before + 1}, {Key: "maxTimeMS", Value: 4000},
	}).Err(), "the insert has not reached MongoDB")
	c.proxy.DropReplies()
	hang("off")
	c.eventually(10*time.Second, "MongoDB has the contact", func() bool { return len(c.truth()) == n })
	if patient {
		first := <-answered
		c.proxy.Cut()
		c.proxy.Forward()
		return first
	}
	c.proxy.Cut()
	c.proxy.Forward()
	return <-answered
}
