package watcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/internal/realtest"
)

// On an idle stream only a heartbeat wakes the run loop, so heartbeats go on until the loop has paused.
func TestHeartbeatsGoOnUntilTheLoopHasPaused(t *testing.T) {
	r := newRig(t, realtest.New(t))
	ok := func() bool {
		_, ok := r.heartbeatPosition()
		return ok
	}
	require.False(t, ok(), "nothing has been applied")
	r.setApplied(grapevine.NewPosition(1, 1, 0))
	r.setState(Streaming)
	r.paused.Store(true)
	require.True(t, ok())
	r.setState(Paused)
	require.False(t, ok())
}

func TestLagIsThatOfTheOldestHeartbeatOnItsWay(t *testing.T) {
	h := &heartbeat{sent: map[int64]time.Time{}}
	_, known := h.measureLag()
	require.False(t, known)
	h.sent[1], h.sent[2] = time.Now().Add(-time.Minute), time.Now().Add(-time.Hour)
	h.acknowledge(1)
	lag, known := h.measureLag()
	require.True(t, known)
	require.GreaterOrEqual(t, lag, time.Hour)
	h.acknowledge(2)
	require.Empty(t, h.sent)
	h.reset()
	_, known = h.measureLag()
	require.False(t, known)
}
