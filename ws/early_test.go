package ws

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// A socket that joins before the history is followed is acknowledged when it is; only if that takes long is
// it told first that the pipeline is not live.
func TestJoinBeforeTheHistoryIsFollowed(t *testing.T) {
	w := newWorld(t, HistoryConfig{})
	beat := w.heartbeat()
	w.apply(beat)
	clock := &grapevine.Clock{}
	clock.Observe(beat.Position.T(), beat.Position.I())
	p := serveHub(t, NewHub(w.history, HubConfig{Clock: clock}))
	long, short := p.dial(), p.dial()
	const join = `{"op":"join","ref":"j","room":"workspace:default"}`
	long.send(join)
	require.Equal(t, "degraded", long.frame().State)
	short.send(join)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.hub.Run(ctx) }()
	for _, c := range []*client{long, short} {
		f := c.frame()
		require.Equal(t, "ack", f.Op)
		require.Equal(t, beat.Position.String(), f.Position)
	}
	require.Equal(t, "live", long.until("pipeline").State)
	cancel()
	require.NoError(t, <-ended)
}
