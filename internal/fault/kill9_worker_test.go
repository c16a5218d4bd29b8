//go:build fault

package fault

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A worker is killed, or hangs for 15 s, while it runs tasks: before the effect, or between the effect
// and the ledger. Asynq hands a dead worker's tasks out again when their lease has expired and its
// recoverer runs. The claim in the ledger expires sooner. Nobody can know whether the worker sent a
// message just before its end, so the message may go out twice, with the same key.
func TestKill9Worker(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"before-effect", "after-effect-before-ledger"} {
		for _, how := range []string{"kill", "stop"} {
			t.Run(point+"/"+how, func(t *testing.T) {
				t.Parallel()
				c := newCluster(t, number("SEED", 1), plan{instances: 1, env: map[string]string{"ROLES": "api,watcher"}})
				at := "CRASH_AT=" + point
				if how == "stop" {
					at += ":stop"
				}
				victim := c.newInstance("ROLES=worker")
				victim.boot(at, fmt.Sprintf("CRASH_SKIP=%d", 20+c.rng.IntN(40)))
				l := c.startLoad()
				c.eventually(30*time.Second, "the crash point is reached", func() bool { return !victim.running() || victim.stopped() })
				began := time.Now()
				c.logf("%s: %s, with %d running tasks", point, how, c.tasks()["active"])
				if how == "stop" {
					c.sleep(15 * time.Second)
					victim.thaw()
				} else {
					victim.boot()
				}
				l.waitForWrites(100)
				// Another run of Asynq's recoverer is necessary if the lease had just been renewed.
				l.endAndCheck(allowances{drainTime: asynqRecovery + time.Minute, repeatedMessages: runningTasks})
				c.logf("every effect was done %s after the fault", time.Since(began).Round(time.Second))
				rows, err := c.db.Collection(grapevine.CollectionLedger).CountDocuments(t.Context(), bson.D{{Key: "state", Value: "claimed"}})
				require.NoError(t, err)
				require.Zero(t, rows)
				require.Zero(t, c.tasks()["archived"])
			})
		}
	}
}
