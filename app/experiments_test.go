package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/api"
)

func TestOneExperimentAtATime(t *testing.T) {
	release := make(chan struct{})
	e := newExperiments([]Experiment{
		{Name: "slow", Run: func(context.Context) error { <-release; return nil }},
		{Name: "failing", Run: func(context.Context) error { return io.ErrUnexpectedEOF }},
	}, slog.New(slog.DiscardHandler))
	app := api.New(api.Config{}).App() // its error handler chooses the status
	app.Post("/inspect/experiments/:name", e.start)
	post := func(name string) int {
		t.Helper()
		answer, err := app.Test(httptest.NewRequest(http.MethodPost, "/inspect/experiments/"+name, nil), -1)
		require.NoError(t, err)
		defer func() { _ = answer.Body.Close() }()
		return answer.StatusCode
	}
	running := func() string { _, name, _ := e.state(); return name }
	failure := func() string { _, _, why := e.state(); return why }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- e.Run(ctx) }()

	require.Equal(t, http.StatusAccepted, post("slow"))
	require.Equal(t, "slow", running())
	require.Equal(t, http.StatusConflict, post("failing"))
	close(release)
	require.Eventually(t, func() bool { return running() == "" }, 10*time.Second, time.Millisecond)
	require.Empty(t, failure())
	require.Equal(t, http.StatusAccepted, post("failing"))
	require.Eventually(t, func() bool { return running() == "" }, 10*time.Second, time.Millisecond)
	require.Equal(t, io.ErrUnexpectedEOF.Error(), failure())
	require.Equal(t, http.StatusAccepted, post("slow"))
	require.Empty(t, failure())
	require.Eventually(t, func() bool { return running() == "" }, 10*time.Second, time.Millisecond)
	require.Equal(t, http.StatusNotFound, post("unknown"))
	cancel()
	require.NoError(t, <-done)
}
