package ws

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

// While Redis hangs, sockets stay open and are told. Afterwards they continue from their position.
func TestRedisHangs(t *testing.T) {
	server := realtest.StartRedis(t)
	w := newHarness(t, events.Config{})
	address, err := redisx.Parse(server.URL)
	require.NoError(t, err)
	rdb := address.Client()
	t.Cleanup(func() { rdb.Close() })
	w.use(rdb, events.Config{})

	one := w.created(1)
	w.apply(one)
	clock := &grapevine.Clock{}
	clock.Observe(one.Position.T(), one.Position.I())
	p := w.open(Config{Clock: clock, MaxStaleness: time.Second})
	c := p.dial()
	c.Join("workspace:default", "")
	require.NoError(t, server.Signal(syscall.SIGSTOP))
	require.Equal(t, "degraded", c.Until("pipeline").State)
	require.Equal(t, 1, p.hub.Stats().Sockets)
	c.Send(`{"op":"ping","ref":"p"}`)
	require.Equal(t, one.Position.String(), c.Until("ack").Position)
	require.NoError(t, server.Signal(syscall.SIGCONT))
	two := w.created(2)
	two.Position = grapevine.NewPosition(testSecond+60, 0, 0)
	clock.Observe(two.Position.T(), two.Position.I())
	w.apply(two)
	require.Equal(t, two.Position.String(), c.Until("contact:created").Position)
	require.Equal(t, "live", c.Until("pipeline").State)
}
