package ws

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"grapevine/events"
)

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	w := newHarness(t, events.Config{Registerer: registry})
	w.apply(w.created(1))
	p := w.open(Config{Registerer: registry})
	c := p.dial()
	c.Join("workspace:default", "")
	w.apply(w.created(2))
	c.Until("contact:created")
	values := func() map[string]int {
		found, err := registry.Gather()
		require.NoError(t, err)
		m := map[string]int{}
		for _, f := range found {
			v := f.GetMetric()[0]
			m[f.GetName()] = int(v.GetCounter().GetValue() + v.GetGauge().GetValue())
		}
		return m
	}
	require.Eventually(t, func() bool { return values()["grapevine_ws_frames_total"] == 2 }, soon, poll)
	m := values()
	require.Equal(t, 2, m["grapevine_history_appended_total"])
	require.Equal(t, 1, m["grapevine_ws_sockets"])
	require.Equal(t, 1, m["grapevine_ws_rooms"])
	require.Zero(t, m["grapevine_ws_degraded"])
	require.Zero(t, m["grapevine_ws_slow_total"])
}
