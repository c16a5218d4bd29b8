package app

import (
	"context"
	"sync/atomic"
	"time"

	"grapevine"
	"grapevine/watcher"
)

// monitor sends frames to the room "pipeline": the figures of this instance once a second, and a trace of
// each change with the time of each step. Frames go through the signals, which every instance follows, so
// one socket sees all instances.
type monitor struct {
	app        *App
	traces     chan sampledTrace
	sampledOut atomic.Int64 // changes without a frame since the last frame
}

// sampledTrace is the trace of a batch with at most maxTraces of its changes. All changes of a bulk import
// would fill the memory while Redis is slow.
type sampledTrace struct {
	watcher.Trace
	batchSize int // number of changes before sampling, heartbeats included
}

// maxTraces bounds the traces of one second. People read them, and nobody reads a bulk import.
const maxTraces = 40

// signalTimeout bounds the work for one frame. A frame is not sent again: the next one is newer.
const signalTimeout = 500 * time.Millisecond

func newMonitor(a *App) *monitor { return &monitor{app: a, traces: make(chan sampledTrace, 64)} }

// trace takes a batch from the watcher. It never blocks.
func (m *monitor) trace(t watcher.Trace) {
	sampled := sampledTrace{t, len(t.Changes)}
	sampled.Changes = nil
	for _, c := range t.Changes {
		switch {
		case c.Op == grapevine.Heartbeat:
		case len(sampled.Changes) < maxTraces:
			sampled.Changes = append(sampled.Changes, c)
		default:
			m.sampledOut.Add(1)
		}
	}
	select {
	case m.traces <- sampled:
	default: // the monitor is behind
		m.sampledOut.Add(int64(len(sampled.Changes)))
	}
}

// run sends frames until ctx ends.
func (m *monitor) run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	left := maxTraces
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			left = maxTraces
			m.signal(ctx, m.stats(ctx))
		case t := <-m.traces:
			for _, c := range t.Changes {
				if left == 0 {
					m.sampledOut.Add(1)
					continue
				}
				left--
				m.signal(ctx, m.traceFrame(c, t))
			}
		}
	}
}

func (m *monitor) signal(ctx context.Context, frame any) {
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	if err := m.app.signals.Send(ctx, frame); err != nil && ctx.Err() == nil {
		m.app.log.Debug("a frame for the pipeline page was not sent", "err", err)
	}
}
