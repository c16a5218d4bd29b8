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
)

// A script inserts, changes and deletes 10,000 contacts with one command each, so that one write makes
// 10,000 events. Cached reads stay within bounded staleness or bypass the cache. Sockets that cannot keep
// up read the event log instead. No client has to re-read its list.
func TestBurst(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		l.waitForWrites(50)
		const n = 10_000
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second) // instead of the client's own timeout
		defer cancel()
		contacts := c.db.Collection(grapevine.CollectionContacts)
		docs := make([]any, n)
		for k := range docs {
			docs[k] = document(bson.NewObjectID(), state{workspace: "one", owner: "burst", notes: "before"})
		}
		for from := 0; from < n; from += 5000 {
			_, err := contacts.InsertMany(ctx, docs[from:from+5000])
			require.NoError(t, err)
		}
		burst := bson.D{{Key: "owner", Value: "burst"}}
		began := time.Now()
		result, err := contacts.UpdateMany(ctx, burst, bson.D{{Key: "$set", Value: bson.D{{Key: "notes", Value: "after"}}}})
		require.NoError(t, err)
		require.EqualValues(t, n, result.ModifiedCount)
		for _, i := range c.instances {
			status, h, body := i.get("/contacts?owner=burst&limit=50", "Workspace", "one", "Min-Position", farFuture)
			require.Equal(t, http.StatusOK, status)
			for _, item := range pageOf(body).Items {
				require.Equal(t, "after", item.Notes, "Cache-Status %s", h.Get("Cache-Status"))
			}
		}
		deleted, err := contacts.DeleteMany(ctx, burst)
		require.NoError(t, err)
		require.EqualValues(t, n, deleted.DeletedCount)
		c.logf("changed and deleted in %s", time.Since(began).Round(time.Millisecond))
		// The drain time is for 10,000 jobs, not for a fault.
		l.endAndCheck(allowances{drainTime: 240 * time.Second})
		require.Empty(t, c.gaps())
		for _, k := range l.clients {
			_, _, f := k.snapshot()
			require.Equal(t, 1, f.rereads, "the client of %s followed by events alone", k.workspace)
		}
	})
}
