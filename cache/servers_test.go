package cache_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

// ownRedis is a redis-server that one test may stop, kill and damage.
type ownRedis struct {
	server  *servers.Redis
	program servers.Program
	dir     string
	port    int
	url     string
}

func startRedis(t *testing.T) *ownRedis {
	t.Helper()
	program, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	r := &ownRedis{program: program, dir: t.TempDir(), port: port}
	r.start(t)
	t.Cleanup(func() { r.server.Kill() })
	return r
}

// start starts it, with the same port and data each time.
func (r *ownRedis) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	server, err := servers.StartRedis(ctx, r.program, r.dir, r.port, "--appendfsync", "always")
	require.NoError(t, err)
	r.server, r.url = server, server.URL
}

func (r *ownRedis) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, r.server.Signal(s))
}
