//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// The primary steps down, and later another one is killed, under load.
func TestStepDown(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{nodes: 3})
		l := c.under()
		l.more(100)
		ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
		defer cancel()
		primary, err := c.set.Primary(ctx)
		require.NoError(t, err)
		err = c.alone(primary).Database("admin").RunCommand(ctx, bson.D{{Key: "replSetStepDown", Value: 30}, {Key: "force", Value: true}}).Err()
		if err != nil {
			c.logf("stepping down: %v", err) // it may close the connection it is told on
		}
		c.eventually(30*time.Second, "another primary", func() bool {
			now, err := c.set.Primary(ctx)
			return err == nil && now != primary
		})
		l.more(100)
		c.logf("writes go on; streaming after %s", c.streaming(30*time.Second).Round(time.Millisecond))
		second, err := c.set.Primary(ctx)
		require.NoError(t, err)
		second.Kill()
		l.more(100)
		c.logf("writes go on after the kill; streaming after %s", c.streaming(60*time.Second).Round(time.Millisecond))
		require.NoError(t, second.Restart(ctx))
		l.settle(mercy{within: 120 * time.Second, resent: 32})
		require.Empty(t, c.gaps())
	})
}
