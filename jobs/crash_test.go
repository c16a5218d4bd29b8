package jobs

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// A run that stops at a crash point leaves its claim behind, as a killed process does. The next run
// waits for the claim to run out; whether the first had sent is unknowable, so it sends with the same id.
func TestCrashAtEveryPoint(t *testing.T) {
	for point, want := range map[string]int{"before-effect": 1, "after-effect-before-ledger": 2} {
		t.Run(point, func(t *testing.T) {
			r := newRig(t, QueueConfig{})
			var mail outbox
			cfg := r.workerConfig(&mail)
			crashed, over := make(chan struct{}), make(chan struct{})
			var once atomic.Bool
			cfg.Crash = func(at string) {
				if at == point && once.CompareAndSwap(false, true) {
					close(crashed)
					<-over
					runtime.Goexit()
				}
			}
			w := r.asWorker(t, cfg)
			w.claimMargin = 500 * time.Millisecond
			id := bson.NewObjectID()
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = w.welcome(within(t, 200*time.Millisecond), id.Hex()) })
			t.Cleanup(func() {
				close(over)
				wg.Wait()
			})
			<-crashed
			require.Equal(t, claimed, r.row(t, id).State)

			_, err := w.welcome(within(t, 5*time.Second), id.Hex())
			var busy *busyError
			require.ErrorAs(t, err, &busy, "the claim of the crashed run still holds")
			require.Eventually(t, func() bool {
				outcome, err := w.welcome(within(t, 5*time.Second), id.Hex())
				return err == nil && outcome == string(done)
			}, 5*time.Second, 20*time.Millisecond)
			require.Len(t, mail.ids(), want)
			for _, key := range mail.ids() {
				require.Equal(t, "welcome:"+id.Hex(), key, "a receiver that honours the key delivers once")
			}
			require.Equal(t, done, r.row(t, id).State)
		})
	}
}
