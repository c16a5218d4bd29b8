package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stopSignals are the signals that ask the program to stop.
type stopSignals struct {
	first  context.Context // ends at the first signal
	hurry  context.Context // ends at Ctrl-C, and at a second signal of any kind
	second context.Context // ends at the second signal
}

// watchStopSignals begins to watch the signals. A program that was started with SIGHUP ignored, as nohup does, goes on
// to ignore it.
func watchStopSignals() stopSignals {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	received := make(chan os.Signal, 1)
	signal.Notify(received, signals...)
	first, endFirst := context.WithCancel(context.Background())
	hurry, endHurry := context.WithCancel(context.Background())
	second, endSecond := context.WithCancel(context.Background())
	go func() {
		if <-received == os.Interrupt {
			endHurry()
		}
		endFirst()
		<-received
		endHurry()
		endSecond()
	}()
	return stopSignals{first: first, hurry: hurry, second: second}
}
