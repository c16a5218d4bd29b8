package ws

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type hubMetrics struct {
	frames, bytes, opened, slow, resyncs, overflows, pulled, holes atomic.Int64
}

func (m *hubMetrics) register(r prometheus.Registerer, h *Hub) {
	if r == nil {
		return
	}
	r.MustRegister(
		counter("ws_frames_total", "Frames written to sockets.", &m.frames),
		counter("ws_bytes_total", "Bytes written to sockets.", &m.bytes),
		counter("ws_opened_total", "Sockets accepted.", &m.opened),
		counter("ws_slow_total", "Sockets closed because the client could not keep up.", &m.slow),
		counter("ws_resyncs_total", "Times the sockets were told to re-read.", &m.resyncs),
		counter("ws_overflows_total", "Times a socket's queue ran over, after which it was served from the history.", &m.overflows),
		counter("ws_replayed_total", "Entries read from the history for sockets that were away or behind.", &m.pulled),
		counter("ws_holes_total", "Sockets closed because the history no longer reached back to where they were.", &m.holes),
		gauge("ws_sockets", "Open sockets.", func() float64 { return float64(h.Stats().Sockets) }),
		gauge("ws_rooms", "Rooms with at least one socket.", func() float64 { return float64(h.Stats().Rooms) }),
		gauge("ws_degraded", "1 while the pipeline is behind by more than allowed, or its state is unknown.", func() float64 {
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

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "grapevine_" + name, Help: help}, value)
}

// Stats are an instance's figures; all but Sockets, Rooms and Degraded count from the start.
type Stats struct {
	Sockets   int   `json:"sockets"`
	Rooms     int   `json:"rooms"`
	Degraded  bool  `json:"degraded"`
	Opened    int64 `json:"opened"`
	Frames    int64 `json:"frames"`
	Bytes     int64 `json:"bytes"`
	Slow      int64 `json:"slow"`      // sockets closed with 4008
	Holes     int64 `json:"holes"`     // of these, for a history that no longer reached back
	Resyncs   int64 `json:"resyncs"`   // times the sockets were told to re-read
	Overflows int64 `json:"overflows"` // bursts longer than a socket's queue
	Replayed  int64 `json:"replayed"`  // entries read from the history for sockets
}

// Stats are this instance's figures.
func (h *Hub) Stats() Stats {
	h.mu.RLock()
	sockets, rooms := len(h.sockets), len(h.rooms)
	h.mu.RUnlock()
	m := &h.metrics
	return Stats{
		Sockets: sockets, Rooms: rooms, Degraded: h.degraded.Load(), Opened: m.opened.Load(),
		Frames: m.frames.Load(), Bytes: m.bytes.Load(), Slow: m.slow.Load(), Holes: m.holes.Load(),
		Resyncs: m.resyncs.Load(), Overflows: m.overflows.Load(), Replayed: m.pulled.Load(),
	}
}
