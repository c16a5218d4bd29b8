//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

// futureToken opens a change stream without an error, and the stream never has an event.
const futureToken = "82FFFFFFFF000000012B0429296E1404"

// The checkpoint has a time that this MongoDB has not reached, after a restore or a direct edit. A change
// stream that starts there would look healthy and stay silent for ever.
func TestTokenOfTheFuture(t *testing.T) {
	future := grapevine.NewPosition(0xFFFFFFFF, 1, 0)
	for name, harm := range map[string]struct{ fields, reason []string }{
		"token":              {[]string{"token", futureToken}, []string{"ahead of this cluster's time"}},
		"token and position": {[]string{"token", futureToken, "position", future.String()}, []string{"ahead of this cluster's time"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1, plan{})
			l := c.startLoad()
			l.waitForWrites(200)
			for _, i := range c.instances {
				i.shutdown()
			}
			require.NoError(t, c.rdb.HSet(t.Context(), key(grapevine.KeyCheckpoint), harm.fields).Err())
			l.writeDirectly(100)
			for _, i := range c.instances {
				i.boot()
			}
			g := c.waitForHealedGap(1, 30*time.Second)
			for _, text := range harm.reason {
				require.Contains(t, g.Reason, text)
			}
			l.waitForWrites(100)
			l.endAndCheck(allowances{drainTime: 60 * time.Second})
			require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
			require.True(t, c.checkpoint().Before(future))
		})
	}
}

// A client reads with a position from the future. It gets neither an error nor a hang nor a false position.
func TestPositionOfTheFuture(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{})
	id := bson.NewObjectID()
	_, err := c.db.Collection(grapevine.CollectionContacts).InsertOne(t.Context(), document(id, state{workspace: "one", owner: "ann", notes: "n"}))
	require.NoError(t, err)
	for _, i := range c.instances {
		watch := realtest.StartStopwatch(t)
		status, h, _ := i.get("/contacts/"+id.Hex(), "Workspace", "one", "Min-Position", farFuture)
		require.Equal(t, 200, status)
		require.Less(t, watch.Stop(), watch.Allow(2*time.Second))
		at, err := grapevine.ParsePosition(h.Get("Position"))
		require.NoError(t, err)
		require.Less(t, at.T(), uint32(time.Now().Add(time.Minute).Unix()), "the answer's position is not from the future")
	}
}
