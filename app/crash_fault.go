//go:build fault

package app

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// crashPoint returns a function that ends this process at the point that CRASH_AT names, after CRASH_SKIP earlier
// passes. CRASH_AT=after-enqueue sends SIGKILL; after-enqueue:stop sends SIGSTOP, and the test sends SIGCONT.
func crashPoint() func(string) {
	at := os.Getenv("CRASH_AT")
	if at == "" {
		return nil
	}
	point, how, _ := strings.Cut(at, ":")
	skip, _ := strconv.ParseInt(os.Getenv("CRASH_SKIP"), 10, 64)
	var passed atomic.Int64
	return func(here string) {
		if here != point || passed.Add(1) != skip+1 {
			return
		}
		if how == "stop" {
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			return
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Second) // SIGKILL may take a moment, and no code may run after it
	}
}
