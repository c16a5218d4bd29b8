package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/redact"
)

// lockedBuffer takes the lines of a log from several goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// An instance whose passwords are refused shows them nowhere, at no level of the log.
func TestNoSecretIsShownByAnInstance(t *testing.T) {
	env := realtest.New(t)
	s := defaults(env)
	s.MongoURI = redact.URI(strings.Replace(env.MongoURI, "://", "://guest:s3cr%2Ft@", 1) + "&tlsCertificateKeyFilePassword=s3cr")
	s.RedisURL = redact.URI(strings.Replace(env.RedisURL, "://", "://guest:s3cr%2Ft@", 1))
	s.SMTPURL = "smtp://guest:s3cr%2Ft@127.0.0.1:1"
	require.NoError(t, s.Validate())
	var log lockedBuffer
	app, err := New(s, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	eventually(t, "both servers refuse the user", func() bool {
		text := log.String()
		return strings.Contains(text, "MongoDB") && strings.Contains(text, "Redis")
	})
	var answers strings.Builder
	for _, path := range []string{"/readyz", "/inspect/info", "/contacts", "/metrics"} {
		answers.Write(httpclient.New("http://"+app.Addr(), time.Minute).Call(t, "GET", path, nil).Body)
	}
	cancel()
	require.NoError(t, <-done)
	require.NotContains(t, log.String()+answers.String(), "s3cr")
	require.Contains(t, answers.String(), "mongodb://127.0.0.1:")
}

// A name that DNS does not know yet is waited for, as a server is.
func TestAnUnknownNameIsWaitedFor(t *testing.T) {
	s := defaults(realtest.New(t))
	s.MongoURI = "mongodb+srv://guest:s3cr@unknown.invalid/?replicaSet=rs0"
	require.NoError(t, s.Validate())
	var log lockedBuffer
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := Open(ctx, s, slog.New(slog.NewTextHandler(&log, nil)))
		done <- err
	}()
	eventually(t, "the wait is logged", func() bool { return strings.Contains(log.String(), "waiting for DNS") })
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.NotContains(t, log.String(), "s3cr")
}
