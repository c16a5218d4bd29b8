package app

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
)

// A load balancer sees 503 at /readyz while every request is still answered, and sockets are still opened.
func TestDrainServesWhileReadyzSaysNo(t *testing.T) {
	config := defaults(realtest.New(t))
	config.Drain = time.Hour
	app, err := New(config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	t.Cleanup(func() { stop(); app.EndDrain() })
	require.True(t, app.WaitLive(t.Context()))
	client := httpclient.New("http://"+app.Addr(), 0)
	socket := wsclient.Open(t, "ws://"+app.Addr()+"/ws/contacts")

	stop()
	var ready httpclient.Answer
	eventually(t, "the instance is not ready", func() bool {
		ready = client.Call(t, http.MethodGet, "/readyz", nil)
		return ready.Status == http.StatusServiceUnavailable
	})
	part, _ := ready.JSON(t)["parts"].(map[string]any)["instance"].(map[string]any)
	require.Equal(t, "draining", part["state"])
	require.NotEmpty(t, part["message"])
	require.Equal(t, http.StatusOK, client.Call(t, http.MethodGet, "/healthz", nil).Status)
	a := client.Call(t, http.MethodPost, "/contacts", map[string]any{"firstName": "Ada"})
	require.Equal(t, http.StatusCreated, a.Status)
	late := wsclient.Open(t, "ws://"+app.Addr()+"/ws/contacts") // "Connection: close" must not break the handshake
	require.Empty(t, ended)

	app.EndDrain()
	app.EndDrain()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		t.Fatal("the instance goes on")
	}
	for _, c := range []*wsclient.Client{socket, late} {
		require.Equal(t, 1001, c.CloseCode())
	}
}
