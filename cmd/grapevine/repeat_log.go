package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	repeatsShown  = 10              // lines of one message in a window
	repeatsWindow = 5 * time.Second // then the others are counted
)

// repeatLog shows the first lines of a message in each window and counts the others, so that 10,000 new contacts do not flood
// the terminal. Warnings and errors are always shown.
type repeatLog struct {
	slog.Handler
	state *repeats
}

// repeats counts lines by their message. The handlers that slog derives share it.
type repeats struct {
	mu     sync.Mutex
	counts map[string]int
}

func newRepeatLog(h slog.Handler) slog.Handler {
	return repeatLog{h, &repeats{counts: map[string]int{}}}
}

// Handle implements [slog.Handler].
func (l repeatLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		return l.Handler.Handle(ctx, r)
	}
	l.state.mu.Lock()
	l.state.counts[r.Message]++
	n := l.state.counts[r.Message]
	l.state.mu.Unlock()
	if n == 1 {
		time.AfterFunc(repeatsWindow, func() { l.endWindow(r) })
	}
	if n > repeatsShown {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// endWindow says how many lines like the first one were not shown.
func (l repeatLog) endWindow(first slog.Record) {
	l.state.mu.Lock()
	hidden := l.state.counts[first.Message] - repeatsShown
	delete(l.state.counts, first.Message)
	l.state.mu.Unlock()
	if hidden > 0 {
		summary := slog.NewRecord(time.Now(), first.Level, first.Message, 0)
		summary.AddAttrs(slog.Int("more", hidden), slog.Duration("within", repeatsWindow))
		_ = l.Handler.Handle(context.Background(), summary)
	}
}

// WithAttrs implements [slog.Handler].
func (l repeatLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return repeatLog{l.Handler.WithAttrs(attrs), l.state}
}

// WithGroup implements [slog.Handler].
func (l repeatLog) WithGroup(name string) slog.Handler {
	return repeatLog{l.Handler.WithGroup(name), l.state}
}
