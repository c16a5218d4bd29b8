//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The holder hangs while the oplog rolls over its open cursor: 136, CappedPositionLost, without any
// label that would tell a driver what to do. The other instance's token may be lost as well.
func TestCursorOvertaken(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1, mongod: tiny})
	l := c.startLoad()
	l.waitForWrites(200)
	c.instances[0].freeze()
	l.writeDirectly(100)
	c.rollOplog()
	l.writeDirectly(50)
	c.instances[0].thaw()
	g := c.waitForHealedGap(1, 40*time.Second)
	require.Regexp(t, "CappedPositionLost|ChangeStreamHistoryLost", g.Reason)
	l.waitForWrites(50)
	l.endAndCheck(allowances{drainTime: 150 * time.Second, repeatedMessages: 16}) // the worker hung too: whether it had sent is unknowable
	require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
}
