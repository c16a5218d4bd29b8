//go:build fault

package fault

import (
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine"
)

// Somebody adds an entry to the history by hand. One with an id ahead of MongoDB's time has Redis refuse
// every later one, as it refuses a repeat: that is noticed, and history begins anew. Its id is no
// watermark meanwhile: who reads their own write is given it.
func TestForeignEntry(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.under()
	l.more(100)
	add := func(id string) {
		require.NoError(t, c.rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: "grapevine:grapevine:events", ID: id, Values: []string{"hello", "world"}}).Err())
		c.logf("XADD %s", id)
	}
	// One among ours does no harm but to an event that would have had its id.
	add("*")
	l.more(50)
	before := len(c.gaps())
	add(grapevine.At(c.checkpoint().T()+3600, 0, 0).String())
	g := c.healed(before+1, 30*time.Second)
	require.Contains(t, g.Reason, "the history of events")
	l.more(100)
	l.settle(mercy{within: 60 * time.Second})
	said := func(i *instance) bool { return i.said("past MongoDB's time") }
	require.True(t, slices.ContainsFunc(c.instances, said), "nobody who read it took its id for a watermark")
	for _, k := range l.clients {
		_, _, f := k.snapshot()
		require.Positive(t, f.resyncs)
	}
}
