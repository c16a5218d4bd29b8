package ws

import (
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/events"
)

// A join is acknowledged once the follower has begun. If that takes long, the socket is told that the pipeline
// is degraded.
func TestJoinBeforeTheFollowerHasBegun(t *testing.T) {
	w := newHarness(t, events.Config{})
	beat := w.heartbeat()
	w.apply(beat)
	clock := &grapevine.Clock{}
	clock.Observe(beat.Position.T(), beat.Position.I())
	p := w.serve(Config{Clock: clock})
	long, short := p.dial(), p.dial()
	const join = `{"op":"join","ref":"j","room":"workspace:default"}`
	long.Send(join)
	require.Equal(t, "degraded", long.Read().State)
	short.Send(join)
	p.run()
	for _, c := range []*client{long, short} {
		f := c.Read()
		require.Equal(t, "ack", f.Op)
		require.Equal(t, beat.Position.String(), f.Position)
	}
	require.Equal(t, "live", long.Until("pipeline").State)
}
