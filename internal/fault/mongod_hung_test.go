//go:build fault

package fault

import (
	"context"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
)

// MongoDB hangs and its connections stay open. Every request is answered within its timeout, with 503 and
// Retry-After if it needs MongoDB. The watcher keeps its lease and continues afterwards.
func TestMongodHung(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		l.waitForWrites(150)
		require.NoError(t, c.mongod.Signal(syscall.SIGSTOP))
		t.Cleanup(func() { _ = c.mongod.Signal(syscall.SIGCONT) })
		c.logf("mongod hangs")
		for _, request := range [][3]string{
			{http.MethodPost, "/contacts", `{"firstName":"Eve"}`},
			{http.MethodGet, "/contacts?limit=7&company=nobody-asked-before", ""},
			{http.MethodDelete, "/contacts/0123456789abcdef01234567", ""},
		} {
			for _, i := range c.instances {
				watch := realtest.StartStopwatch(t)
				status, h, body := i.call(context.Background(), request[0], request[1], request[2], "Content-Type", "application/json", "Workspace", "three")
				took := watch.Stop()
				c.logf("%s %s: %d after %s", request[0], request[1], status, took.Round(time.Millisecond))
				require.Equal(t, http.StatusServiceUnavailable, status, "%.200s", body)
				require.NotEmpty(t, h.Get("Retry-After"))
				require.Equal(t, "application/problem+json", h.Get("Content-Type"))
				require.Less(t, took, watch.Allow(12*time.Second))
			}
		}
		watch := realtest.StartStopwatch(t)
		answer, err := httpclient.New("http://"+c.instances[0].addr, time.Minute).Do(context.Background(), http.MethodPost, "/contacts/import", "First Name\nEve\n", "Content-Type", "text/csv")
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, answer.Status, "%.200s", answer.Body)
		require.NotEmpty(t, answer.Header.Get("Retry-After"))
		require.Less(t, watch.Stop(), watch.Allow(30*time.Second), "an import")
		status, _ := c.instances[0].ready()
		require.Equal(t, http.StatusServiceUnavailable, status, "an instance without MongoDB is not ready")
		healthy, _, _ := c.instances[0].get("/healthz")
		require.Equal(t, http.StatusOK, healthy, "an instance without MongoDB is alive")
		require.NoError(t, c.mongod.Signal(syscall.SIGCONT))
		c.logf("mongod continues; streaming after %s", c.waitForStreaming(30*time.Second).Round(time.Millisecond))
		l.waitForWrites(100)
		// Both workers lose MongoDB, perhaps after sending.
		l.endAndCheck(allowances{drainTime: 120 * time.Second, repeatedMessages: 2 * runningTasks})
		require.Empty(t, c.gaps())
		for _, k := range l.clients {
			_, _, f := k.snapshot()
			require.Positive(t, f.degraded)
			require.Positive(t, f.live)
		}
	})
}
