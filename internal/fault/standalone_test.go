//go:build fault

package fault

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

// ended waits for the end of an instance that must not run, and returns its log.
func (i *instance) ended(within time.Duration) string {
	i.c.t.Helper()
	select {
	case <-i.Done():
	case <-time.After(within):
		require.Fail(i.c.t, "the instance still runs")
	}
	said, err := os.ReadFile(i.log)
	require.NoError(i.c.t, err)
	return string(said)
}

// A mongod that is not a replica set has no change streams. Waiting does not help, so the start fails
// with the reason and the remedy.
func TestStandaloneMongod(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: -1})
	program, err := servers.FindMongod(t.Context())
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	data := filepath.Join(c.dir, "alone")
	require.NoError(t, os.MkdirAll(data, 0o750))
	alone, err := servers.Start("mongod", program.Path, []string{"--bind_ip", "127.0.0.1", "--port", strconv.Itoa(port), "--dbpath", data}, filepath.Join(c.dir, "alone.log"))
	require.NoError(t, err)
	t.Cleanup(alone.Kill)
	i := c.newInstance("MONGO_URI=mongodb://127.0.0.1:" + strconv.Itoa(port) + "/?directConnection=true")
	i.launch()
	said := i.ended(30 * time.Second)
	require.Contains(t, said, "--replSet")
	require.Contains(t, said, "rs.initiate()")
}
