package app

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

// refusing is a listener whose next calls of Accept fail like accept(2).
type refusing struct {
	net.Listener
	left  atomic.Int64
	errno syscall.Errno
}

func (l *refusing) Accept() (net.Conn, error) {
	if l.left.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: l.errno}
	}
	return l.Listener.Accept()
}

func runWith(t *testing.T, errno syscall.Errno, times int64) (*App, <-chan error) {
	t.Helper()
	app, err := New(defaults(realtest.New(t)), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	broken := &refusing{Listener: app.listener, errno: errno}
	broken.left.Store(times)
	app.listener = broken
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ended <- app.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return app, ended
}

// A process at its limit of open files serves again when it has fewer. fasthttp alone would take the error
// for the end of the listener.
func TestTooManyOpenFilesPass(t *testing.T) {
	app, ended := runWith(t, syscall.EMFILE, 3)
	eventually(t, "the instance answers", func() bool { return Healthcheck(t.Context(), app.Addr()) == nil })
	require.Empty(t, ended)
}

// An instance whose listener fails ends. Otherwise it would hold the lease while no client can reach it.
func TestListenerThatFailsForGoodEndsTheInstance(t *testing.T) {
	_, ended := runWith(t, syscall.EBADF, 1)
	select {
	case err := <-ended:
		require.ErrorIs(t, err, syscall.EBADF)
	case <-time.After(patience):
		t.Fatal("the instance runs without a listener")
	}
}
