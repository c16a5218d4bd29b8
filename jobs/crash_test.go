package jobs

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"grapevine/ledger"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// A run that stops at a crash point leaves its claim behind, as a killed process does. The next run waits until
// the claim expires. It cannot know whether the first run sent the mail, so it sends it with the same id.
func TestCrashAtEveryPoint(t *testing.T) {
	for point, want := range map[string]int{"before-effect": 1, "after-effect-before-ledger": 2} {
		t.Run(point, func(t *testing.T) {
			r := newRig(t, QueueConfig{})
			var outgoing outbox
			cfg := r.workerConfig(&outgoing)
			crashed, release := make(chan struct{}), make(chan struct{})
			var once atomic.Bool
			cfg.Crash = func(at string) {
				if at == point && once.CompareAndSwap(false, true) {
					close(crashed)
					<-release
					runtime.Goexit()
				}
			}
			w := r.newWorker(t, cfg)
			r.ledger.Margin = 500 * time.Millisecond
			id := bson.NewObjectID()
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = w.welcome(within(t, 200*time.Millisecond), id.Hex()) })
			t.Cleanup(func() {
				close(release)
				wg.Wait()
			})
			<-crashed
			require.Equal(t, ledger.Claimed, r.effect(t, id).State)

			_, err := w.welcome(within(t, 5*time.Second), id.Hex())
			var held *ledger.HeldError
			require.ErrorAs(t, err, &held, "the claim of the crashed run still holds")
			require.Eventually(t, func() bool {
				outcome, err := w.welcome(within(t, 5*time.Second), id.Hex())
				return err == nil && outcome == string(ledger.Done)
			}, 5*time.Second, 20*time.Millisecond)
			require.Len(t, outgoing.ids(), want)
			for _, key := range outgoing.ids() {
				require.Equal(t, "welcome:"+id.Hex(), key, "a receiver that honours the key delivers once")
			}
			require.Equal(t, ledger.Done, r.effect(t, id).State)
		})
	}
}
