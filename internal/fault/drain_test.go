//go:build fault

package fault

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ctrl-C skips the drain, and a second signal ends it.
func TestSecondSignalEndsTheDrain(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{env: map[string]string{"DRAIN": "10m"}})
	first, second := c.instances[0], c.instances[1]
	require.NoError(t, first.Signal(syscall.SIGINT))
	require.NoError(t, second.Signal(syscall.SIGTERM))
	c.eventually(5*time.Second, "the second instance drains", func() bool { status, _ := second.ready(); return status == http.StatusServiceUnavailable })
	require.NoError(t, second.Signal(syscall.SIGTERM))
	for _, i := range c.instances {
		select {
		case <-i.Done():
		case <-time.After(15 * time.Second):
			t.Fatal("the instance goes on")
		}
	}
}
