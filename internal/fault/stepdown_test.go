//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// stepDown makes the primary step down, and waits for another one.
func (c *cluster) stepDown() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 60*time.Second)
	defer cancel()
	primary, err := c.set.Primary(ctx)
	require.NoError(c.t, err)
	err = c.connectTo(primary).Database("admin").RunCommand(ctx, bson.D{{Key: "replSetStepDown", Value: 30}, {Key: "force", Value: true}}).Err()
	if err != nil {
		c.logf("stepping down: %v", err) // MongoDB may close the connection of this command
	}
	c.eventually(30*time.Second, "another primary", func() bool {
		now, err := c.set.Primary(ctx)
		return err == nil && now != primary
	})
}

// Under load the primary steps down, and later the new primary is killed.
func TestStepDown(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{nodes: 3})
		l := c.startLoad()
		l.waitForWrites(100)
		ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
		defer cancel()
		c.stepDown()
		l.waitForWrites(100)
		c.logf("writes continue; streaming after %s", c.waitForStreaming(30*time.Second).Round(time.Millisecond))
		second, err := c.set.Primary(ctx)
		require.NoError(t, err)
		second.Kill()
		l.waitForWrites(100)
		c.logf("writes continue after the kill; streaming after %s", c.waitForStreaming(60*time.Second).Round(time.Millisecond))
		require.NoError(t, second.Restart(ctx))
		// Both workers lose the primary, perhaps after sending.
		l.endAndCheck(allowances{drainTime: 120 * time.Second, repeatedMessages: 2 * runningTasks})
		require.Empty(t, c.gaps())
	})
}
