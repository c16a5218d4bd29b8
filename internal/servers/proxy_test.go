package servers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

const (
	wait = 10 * time.Second
	tick = 5 * time.Millisecond
)

// throughProxy starts a server and returns a direct client and a client that uses the proxy.
func throughProxy(t *testing.T) (p *servers.Proxy, direct, client *redis.Client) {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", startRedis(t).Port)
	p, err := servers.NewProxy(addr)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	direct, client = redisClient(t, addr), redisClient(t, p.Addr())
	require.NoError(t, client.Incr(t.Context(), "n").Err())
	return p, direct, client
}

// incr increments a key in the background and sends the error.
func incr(t *testing.T, client *redis.Client, within time.Duration) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		ended <- client.Incr(ctx, "n").Err()
	}()
	return ended
}

func TestMuteExecutesCommandsWithoutAReply(t *testing.T) {
	p, direct, client := throughProxy(t)
	p.DropReplies()
	ended := incr(t, client, wait)
	require.Eventually(t, func() bool { return direct.Get(t.Context(), "n").Val() == "2" }, wait, tick)
	require.Empty(t, ended, "no reply arrives")
	p.Cut()
	require.Error(t, <-ended)
	p.Forward()
	require.NoError(t, client.Incr(t.Context(), "n").Err())
	require.Equal(t, "3", direct.Get(t.Context(), "n").Val())
}

func TestHoldStopsBytesAndPassForwardsThem(t *testing.T) {
	p, direct, client := throughProxy(t)
	p.Stall()
	require.Error(t, <-incr(t, client, 100*time.Millisecond))
	require.Equal(t, "1", direct.Get(t.Context(), "n").Val())
	ended := incr(t, client, wait)
	p.Forward()
	require.NoError(t, <-ended)
	require.NotEqual(t, "1", direct.Get(t.Context(), "n").Val())
}

func TestCutAndCloseFreeWhoeverWaits(t *testing.T) {
	p, _, client := throughProxy(t)
	p.Stall()
	for _, end := range []func(){p.Cut, p.Close} {
		ended := incr(t, client, wait)
		require.Never(t, func() bool { return len(ended) > 0 }, 50*time.Millisecond, tick)
		end()
		require.Error(t, <-ended)
	}
}
