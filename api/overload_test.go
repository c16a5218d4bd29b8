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
	w := &world{t: t, log: &journal{}}
	s := api.New(api.Config{MaxInFlight: 2, Logger: w.logger()})
	entered, leave := make(chan struct{}), make(chan struct{})
	s.App().Get(mounts+"slow", func(c *fiber.Ctx) error {
		entered <- struct{}{}
		<-leave
		return c.SendString("done")
	})
	w.serve(s)
	done := make(chan *answer, 2)
	for range 2 {
		go func() { done <- w.get(mounts+"slow", nil) }()
		<-entered
	}
	a := w.get(mounts+"slow", nil)
	require.Equal(t, 429, a.status)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, "too-many", a.json(t)["code"])
	require.Equal(t, 200, w.get("/healthz", nil).status, "health is told however busy it is")
	close(leave)
	for range 2 {
		require.Equal(t, "done", (<-done).body)
	}
	go func() { <-entered }()
	require.Equal(t, 200, w.get(mounts+"slow", nil).status)
}

func TestTooManyFromOneClient(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.PerClient = 2 })
	refused := 0
	for range 20 {
		if a := w.get("/contacts/stats/tags", as{"X-Forwarded-For": "198.51.100." + strconv.Itoa(refused)}); a.status == 429 {
			refused++
			require.NotEmpty(t, a.header.Get("Retry-After"))
		}
	}
	require.GreaterOrEqual(t, refused, 10, "saying to be another does not help")
}

func TestReadiness(t *testing.T) {
	ready := api.Readiness{Ready: true, Parts: map[string]api.Part{"following": {Ready: true, State: "ok", Detail: map[string]any{"watermark": "1-0", "behindMs": 3}}}}
	w := newWorld(t, func(c *api.Config) { c.Ready = func(context.Context) api.Readiness { return ready } })
	a := w.get("/readyz", nil)
	require.Equal(t, 200, a.status)
	require.JSONEq(t, `{"ready":true,"parts":{"following":{"ready":true,"state":"ok","detail":{"watermark":"1-0","behindMs":3}}}}`, a.body)
	ready = api.Readiness{}
	a = w.get("/readyz", nil)
	require.Equal(t, 503, a.status)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.JSONEq(t, `{"ready":false,"parts":{}}`, a.body)
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	w := newWorld(t, func(c *api.Config) { c.Registerer = registry })
	path := w.create(ada).header.Get("Location")
	for range 3 {
		w.get(path, nil)
	}
	w.get("/nowhere/"+path, nil)
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
	require.Contains(t, series, "grapevine_http_request_duration_seconds GET none 404", "a path nobody serves is no label")
	require.Contains(t, series, "grapevine_http_request_duration_seconds POST /contacts 201")
	require.Contains(t, series, "grapevine_http_reads_total hit")
}
