//go:build fault

package fault

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// insertEarlier inserts contacts that are older than the pipeline.
func (c *cluster) insertEarlier(n int) {
	c.t.Helper()
	for people := range slices.Chunk(make([]any, n), 1000) {
		for i := range people {
			people[i] = bson.D{{Key: "workspace", Value: "default"}, {Key: "kind", Value: "person"}, {Key: "firstName", Value: "earlier"}, {Key: "email", Value: "earlier@example.com"}}
		}
		_, err := c.db.Collection(grapevine.CollectionContacts).InsertMany(c.t.Context(), people)
		require.NoError(c.t, err)
	}
}

// create creates n contacts through the instance. It tries again while writes are refused.
func (i *instance) create(n int) {
	i.c.t.Helper()
	for range n {
		i.c.eventually(30*time.Second, "the contact is created", func() bool {
			status, _, _ := i.call(i.c.t.Context(), http.MethodPost, "/contacts", `{"kind":"person","firstName":"Ada","email":"ada@example.com"}`, "Content-Type", "application/json")
			return status == http.StatusCreated
		})
	}
}

func (c *cluster) rows(state string) int64 {
	c.t.Helper()
	return c.count(grapevine.CollectionLedger, bson.D{{Key: "state", Value: state}})
}

// An instance is killed, or hangs, while it marks the contacts of before. Another one goes on, takes writes and opens
// the stream where the first start began. A hung one marks nothing more when it wakes up.
func TestCrashInTheFirstStart(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"kill", "stop"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			const earlier, made = 25_000, 60
			c := newCluster(t, number("SEED", 1), plan{instances: -1})
			c.insertEarlier(earlier)
			victim := c.newInstance("ROLES=api,watcher,worker")
			at := "CRASH_AT=mid-first-start"
			if how == "stop" {
				at += ":stop"
			}
			victim.launch(at)
			c.eventually(20*time.Second, "the crash point is reached", func() bool { return !victim.running() || victim.stopped() })
			require.EqualValues(t, 10_000, c.rows("preexisting"))

			api := c.startInstance("ROLES=api")
			api.create(made)
			if how == "stop" {
				victim.thaw()
				c.waitForStreaming(20 * time.Second)
			} else {
				c.startInstance("ROLES=watcher")
				c.startInstance("ROLES=worker")
			}
			c.eventually(60*time.Second, "each has had its welcome", func() bool { return c.rows("done") == made })
			require.EqualValues(t, earlier, c.rows("preexisting"))
			require.Len(t, c.mail.counts(), made, "nobody else got a mail")
			require.Empty(t, c.gaps())
		})
	}
}

// The first watcher comes so late that the oplog no longer reaches back to the first start.
func TestFirstStartThatLeftTheOplog(t *testing.T) {
	t.Parallel()
	const earlier, made = 100, 40
	c := newCluster(t, number("SEED", 1), plan{instances: -1, mongod: tiny})
	c.insertEarlier(earlier)
	c.startInstance("ROLES=api").create(made)
	c.rollOplog()
	c.startInstance("ROLES=watcher,worker")
	g := c.waitForHealedGap(1, 60*time.Second)
	require.False(t, g.Preexisting)
	c.eventually(60*time.Second, "each has had its welcome", func() bool { return c.rows("done") == made })
	require.EqualValues(t, earlier, c.rows("preexisting"))
	require.Len(t, c.mail.counts(), made, "nobody else got a mail")
}
