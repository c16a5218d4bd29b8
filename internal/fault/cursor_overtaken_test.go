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
	l := c.under()
	l.more(200)
	c.instances[0].freeze()
	l.direct(100)
	c.roll()
	l.direct(50)
	c.instances[0].thaw()
	g := c.healed(1, 40*time.Second)
	require.Regexp(t, "CappedPositionLost|ChangeStreamHistoryLost", g.Reason)
	l.more(50)
	l.settle(mercy{within: 150 * time.Second, resent: 16}) // the worker hung too: whether it had sent is unknowable
	require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
}
