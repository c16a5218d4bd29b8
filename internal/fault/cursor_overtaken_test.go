//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The lease holder hangs while the oplog overtakes its open cursor. MongoDB answers with error 136,
// CappedPositionLost, which has no label that tells the driver to resume. The resume token in the
// checkpoint may be lost too.
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
	// The hung instance was also a worker, and may have sent messages just before.
	l.endAndCheck(allowances{drainTime: asynqRecovery, repeatedMessages: runningTasks})
	require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
}
