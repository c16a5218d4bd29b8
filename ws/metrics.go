package ws

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	refusedClient, refusedInstance, refusedOrigin atomic.Int64

	frames, bytes, opened, slow, resyncs, overflows, replayed, replaysTrimmed atomic.Int64
}

func (m *metrics) register(r prometheus.Registerer, h *Hub) {
	if r == nil {
		return
	}
	r.MustRegister(
		counter("ws_frames_total", "Frames written to sockets.", &m.frames),
		counter("ws_bytes_total", "Bytes written to sockets.", &m.bytes),
		counter("ws_opened_total", "Sockets accepted.", &m.opened),
		counter("ws_slow_total", "Sockets closed because the client could not keep up.", &m.slow),
		counter("ws_resyncs_total", "Times that the sockets were told to read again.", &m.resyncs),
		counter("ws_overflows_total", "Times that a socket's queue was full, after which its rooms replayed the event log.", &m.overflows),
		counter("ws_replayed_total", "Entries of the event log read for sockets that were away or behind.", &m.replayed),
		counter("ws_holes_total", "Sockets closed because the event log no longer reached back to their position.", &m.replaysTrimmed),
		refusals("client", &m.refusedClient),
		refusals("instance", &m.refusedInstance),
		refusals("origin", &m.refusedOrigin),
		gauge("ws_sockets", "Open sockets.", func() float64 { return float64(h.Stats().Sockets) }),
		gauge("ws_rooms", "Rooms with at least one socket.", func() float64 { return float64(h.Stats().Rooms) }),
		gauge("ws_degraded", "1 while the pipeline is too far behind, or its state is unknown.", func() float64 {
			if h.degraded.Load() {
				return 1
			}
			return 0
		}),
	)
}

func counter(name, help string, v *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "grapevine_" + name, Help: help},
		func() float64 { return float64(v.Load()) })
}

func refusals(reason string, v *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "grapevine_ws_refused_total", ConstLabels: prometheus.Labels{"reason": reason},
		Help: "Sockets refused: the client or the instance was at its limit, or the page was of another origin.",
	}, func() float64 { return float64(v.Load()) })
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "grapevine_" + name, Help: help}, value)
}

// Stats are the figures of one instance. Sockets, Rooms and Degraded describe its current state. The others
// count from its start.
type Stats struct {
	Sockets   int   `json:"sockets"`
	Rooms     int   `json:"rooms"`
	Degraded  bool  `json:"degraded"`
	Opened    int64 `json:"opened"`
	Frames    int64 `json:"frames"`
	Bytes     int64 `json:"bytes"`
	Slow      int64 `json:"slow"`      // sockets closed with 4008
	Holes     int64 `json:"holes"`     // of these, sockets whose position the event log no longer reached
	Resyncs   int64 `json:"resyncs"`   // times that the sockets were told to read again
	Overflows int64 `json:"overflows"` // times that a socket's queue was full
	Replayed  int64 `json:"replayed"`  // entries read from the event log for sockets
}

// Stats returns the figures of this instance.
func (h *Hub) Stats() Stats {
	h.mu.RLock()
	sockets, rooms := len(h.sockets), len(h.rooms)
	h.mu.RUnlock()
	m := &h.metrics
	return Stats{
		Sockets: sockets, Rooms: rooms, Degraded: h.degraded.Load(), Opened: m.opened.Load(),
		Frames: m.frames.Load(), Bytes: m.bytes.Load(), Slow: m.slow.Load(), Holes: m.replaysTrimmed.Load(),
		Resyncs: m.resyncs.Load(), Overflows: m.overflows.Load(), Replayed: m.replayed.Load(),
	}
}
