package app

import (
	"errors"
	"log/slog"
	"net"
	"slices"
	"syscall"
	"time"

	"grapevine/internal/retry"
)

// patientListener retries Accept while the process is out of files or memory. fasthttp would take such
// an error for the end of the listener and never accept again.
type patientListener struct {
	net.Listener
	log     *slog.Logger
	limiter retry.Limiter
}

// Accept returns the next connection. Until it can, clients wait in the kernel's queue.
func (l *patientListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err == nil || !isShortage(err) {
			return conn, err
		}
		if n, ok := l.limiter.Allow(); ok {
			l.log.Error("cannot accept connections, will retry; raise the limit of open files (ulimit -n)", "err", err, "failures", n)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func isShortage(err error) bool {
	return slices.ContainsFunc([]error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM}, func(shortage error) bool {
		return errors.Is(err, shortage)
	})
}
