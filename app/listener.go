package main

import (
	"errors"
	"log/slog"
	"net"
	"syscall"
	"time"
)

// patientListener outlasts a shortage of files or memory, which passes. fasthttp takes it for the end of
// the listener, and would never accept again.
type patientListener struct {
	net.Listener
	log *slog.Logger
}

// Accept is called by one goroutine. While it waits, clients wait in the kernel's queue.
func (l patientListener) Accept() (net.Conn, error) {
	var said time.Time
	for {
		conn, err := l.Listener.Accept()
		if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) && !errors.Is(err, syscall.ENOBUFS) && !errors.Is(err, syscall.ENOMEM) {
			return conn, err
		}
		if time.Since(said) > 10*time.Second {
			said = time.Now()
			l.log.Error("no connection can be accepted", "err", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
