//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Three instances restart one after the other under load, as in a deployment.
func TestRollingRestart(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: 3})
		l := c.startLoad()
		for range 6 {
			for _, workspace := range workspaces {
				l.clients = append(l.clients, c.newClient(workspace, uint64(10+len(l.clients))))
			}
		}
		for _, i := range c.instances {
			l.waitForWrites(150)
			began := time.Now()
			i.shutdown()
			c.logf("stopped in %s", time.Since(began).Round(time.Millisecond))
			i.boot()
		}
		l.waitForWrites(100)
		l.endAndCheck(allowances{})
		closed := 0
		for _, k := range l.clients {
			_, _, f := k.snapshot()
			closed += f.closes[1001]
			delete(f.closes, 1001)
			require.Empty(t, f.closes, "every socket is closed with 1001")
			require.Equal(t, f.joins, f.recovered, "every join with since is recovered")
			require.Equal(t, 1, f.rereads)
		}
		require.Positive(t, closed)
		require.Empty(t, c.gaps())
		require.Zero(t, c.sum("grapevine_ws_holes_total"))
	})
}
