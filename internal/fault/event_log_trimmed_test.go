//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// The history is trimmed, by hand or by a short EVENT_RETENTION, past what an instance that hung has followed. XREAD goes on
// behind the hole without a word; the instance's clients are told to read again.
func TestEventLogTrimmed(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.waitForWrites(100)
	l.end()
	c.waitForDrain(l.clients, allowances{})
	ctx := t.Context()
	victim := c.standby()
	victim.freeze()
	for range 3 { // the hung read gets the first of these, and the hole is behind it
		before := c.rdb.XLen(ctx, key(grapevine.KeyEvents)).Val()
		l.writeDirectly(20)
		c.eventually(20*time.Second, "they are in the history", func() bool { return c.rdb.XLen(ctx, key(grapevine.KeyEvents)).Val() >= before+15 })
	}
	require.NoError(t, c.rdb.XTrimMaxLen(ctx, key(grapevine.KeyEvents), 0).Err())
	victim.thaw()
	l.writeDirectly(20)
	l.endAndCheck(allowances{})
	require.Positive(t, victim.metrics()["grapevine_ws_resyncs_total"])
	require.Empty(t, c.gaps())
}
