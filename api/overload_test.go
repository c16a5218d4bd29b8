package api_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"grapevine/api"
)

func TestTooManyInFlight(t *testing.T) {
	h := &harness{t: t, log: &logBuffer{}}
	s := api.New(api.Config{MaxInFlight: 2, Logger: h.logger()})
	entered, leave := make(chan struct{}), make(chan struct{})
	s.App().Get(mounts+"slow", func(c *fiber.Ctx) error {
		entered <- struct{}{}
		<-leave
		return c.SendString("done")
	})
	h.serve(s)
	done := make(chan *answer, 2)
	for range 2 {
		go func() { done <- h.get(mounts+"slow", nil) }()
		<-entered
	}
	a := h.get(mounts+"slow", nil)
	require.Equal(t, 429, a.status)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, "too-many", a.json(t)["code"])
	require.Equal(t, 200, h.get("/healthz", nil).status, "health is answered under any load")
	close(leave)
	for range 2 {
		require.Equal(t, "done", (<-done).body)
	}
	go func() { <-entered }()
	require.Equal(t, 200, h.get(mounts+"slow", nil).status)
}

func TestTooManyFromOneClient(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.PerClient = 2 })
	refused := 0
	for range 20 {
		if a := h.get("/contacts/stats/tags", header{"X-Forwarded-For": "198.51.100." + strconv.Itoa(refused)}); a.status == 429 {
			refused++
			require.NotEmpty(t, a.header.Get("Retry-After"))
		}
	}
	require.GreaterOrEqual(t, refused, 10, "a forged X-Forwarded-For does not help")
}

func TestReadiness(t *testing.T) {
	ready := api.Readiness{Ready: true, Parts: map[string]api.PartHealth{"following": {Ready: true, State: "ok", Detail: map[string]any{"watermark": "1-0", "behindMs": 3}}}}
	h := newHarness(t, func(c *api.Config) { c.Ready = func(context.Context) api.Readiness { return ready } })
	a := h.get("/readyz", nil)
	require.Equal(t, 200, a.status)
	require.JSONEq(t, `{"ready":true,"parts":{"following":{"ready":true,"state":"ok","detail":{"watermark":"1-0","behindMs":3}}}}`, a.body)
	ready = api.Readiness{}
	a = h.get("/readyz", nil)
	require.Equal(t, 503, a.status)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.JSONEq(t, `{"ready":false,"parts":{}}`, a.body)
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	h := newHarness(t, func(c *api.Config) { c.Registerer = registry })
	path := h.create(ada).header.Get("Location")
	for range 3 {
		h.get(path, nil)
	}
	h.get("/nowhere/"+path, nil)
	families, err := registry.Gather()
	require.NoError(t, err)
	var series []string
	for _, f := range families {
		for _, m := range f.Metric {
			words := []string{f.GetName()}
			for _, l := range m.Label {
				words = append(words, l.GetValue())
			}
			series = append(series, strings.Join(words, " "))
		}
	}
	require.Contains(t, series, "grapevine_http_request_duration_seconds GET /contacts/:id 200")
	require.Contains(t, series, "grapevine_http_request_duration_seconds GET none 404", "an unknown path is not a label")
	require.Contains(t, series, "grapevine_http_request_duration_seconds POST /contacts 201")
	require.Contains(t, series, "grapevine_http_reads_total hit")
}
