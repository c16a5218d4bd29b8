//go:build fault

package fault

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/servers"
)

// Faults that the seed chooses follow one another under load, some of them before the previous one has
// healed. Each fault has a test of its own; this test is about their combination.
func TestChaos(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: -1, proxied: true})
		redisProxy, err := servers.NewProxy(fmt.Sprintf("127.0.0.1:%d", c.redis.Port))
		require.NoError(t, err)
		t.Cleanup(redisProxy.Close)
		for range 3 {
			c.startInstance("ROLES=api,watcher", "REDIS_URL=redis://"+redisProxy.Addr())
		}
		// The worker has no fault: Asynq needs minutes for the tasks of a killed one, see TestKill9Worker.
		c.startInstance("ROLES=worker", fmt.Sprintf("MONGO_URI=%s", c.mongod.URI))
		c.waitForStreaming(30 * time.Second)
		l := c.startLoad()
		l.waitForWrites(100)

		short := func() { c.sleep(time.Duration(200+c.rng.IntN(2500)) * time.Millisecond) }
		instance := func() *instance { return c.instances[c.rng.IntN(3)] }
		gaps := 0
		faults := []struct {
			name string
			do   func()
		}{
			{"an instance is killed", func() { i := instance(); i.Kill(); short(); i.boot() }},
			{"the holder is killed", func() {
				if i := c.holder(); i != nil {
					i.Kill()
					short()
					i.boot()
				}
			}},
			{"an instance is stopped and started", func() { i := instance(); i.shutdown(); i.boot() }},
			{"an instance hangs", func() { i := instance(); i.freeze(); c.sleep(time.Duration(1+c.rng.IntN(13)) * time.Second); i.thaw() }},
			{"mongod hangs", func() {
				require.NoError(t, c.mongod.Signal(syscall.SIGSTOP))
				short()
				require.NoError(t, c.mongod.Signal(syscall.SIGCONT))
			}},
			{"mongod is killed", func() {
				c.mongod.Kill()
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				require.NoError(t, c.mongod.Restart(ctx))
			}},
			{"redis hangs", func() {
				require.NoError(t, c.redis.Signal(syscall.SIGSTOP))
				short()
				require.NoError(t, c.redis.Signal(syscall.SIGCONT))
			}},
			{"answers of redis are lost", func() { redisProxy.DropReplies(); short(); redisProxy.Cut(); redisProxy.Forward() }},
			{"answers of mongod are lost", func() { c.proxy.DropReplies(); short(); c.proxy.Cut(); c.proxy.Forward() }},
			{"the network to mongod stops", func() { c.proxy.Stall(); short(); c.proxy.Forward() }},
			{"the network to redis is cut", func() { redisProxy.Cut() }},
			{"redis is emptied", func() { require.NoError(t, c.rdb.FlushAll(t.Context()).Err()); gaps++ }},
			{"the lease is taken away", func() { c.rdb.Del(t.Context(), key(grapevine.KeyLease)) }},
			{"the checkpoint is gone", func() { c.rdb.Del(t.Context(), key(grapevine.KeyCheckpoint)); gaps++ }},
			{"the event log is gone", func() { c.rdb.Del(t.Context(), key(grapevine.KeyEvents)); gaps++ }},
			{"the cache's bookkeeping is gone", func() { c.rdb.Del(t.Context(), key(grapevine.KeyCache+"epoch"), key(grapevine.KeyCache+"at")) }},
			{"heartbeats are dropped", func() {
				if c.db.Collection(grapevine.CollectionHeartbeats).Drop(t.Context()) == nil {
					gaps++
				}
			}},
			{"images are off for a moment", func() {
				off := bson.D{{Key: "collMod", Value: "contacts"}, {Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: false}}}}
				on := bson.D{{Key: "collMod", Value: "contacts"}, {Key: "changeStreamPreAndPostImages", Value: bson.D{{Key: "enabled", Value: true}}}}
				if c.db.RunCommand(t.Context(), off).Err() == nil {
					c.sleep(100 * time.Millisecond)
					c.eventually(10*time.Second, "the images are on again", func() bool { return c.db.RunCommand(t.Context(), on).Err() == nil })
				}
			}},
		}
		for range 8 {
			fault := faults[c.rng.IntN(len(faults))]
			c.logf("%s", fault.name)
			fault.do()
			if c.rng.IntN(2) == 0 {
				l.waitForWrites(20 + c.rng.IntN(60))
			}
		}
		l.waitForWrites(50)
		c.waitForStreaming(90 * time.Second)
		// The worker may lose MongoDB after it has sent messages.
		l.endAndCheck(allowances{drainTime: asynqRecovery, repeatedMessages: runningTasks})
		require.LessOrEqual(t, len(c.gaps()), gaps, "%v", c.gaps())
		require.Zero(t, c.sum("grapevine_watcher_dead_changes_total"))
	})
}
