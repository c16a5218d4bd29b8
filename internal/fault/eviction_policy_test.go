//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Redis that evicts keys could lose tasks or the checkpoint. The start is refused with the reason.
func TestEvictionPolicy(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: -1, redis: []string{"--maxmemory-policy", "allkeys-lru"}})
	i := c.newInstance()
	i.launch()
	require.Contains(t, i.ended(20*time.Second), "noeviction")
}
