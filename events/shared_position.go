package events

import (
	"context"
	"sync"

	"grapevine"
)

// Watermark is a position that others read and wait for. The zero value is ready to use and is at the zero
// position. Safe for concurrent use.
type Watermark struct {
	mu      sync.Mutex
	at      grapevine.Position
	changed chan struct{} // closed at the next change; nil if no caller waits
}

// Load returns the position.
func (w *Watermark) Load() grapevine.Position {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// Store moves the watermark. It also moves back, if Redis lost its newest writes.
func (w *Watermark) Store(p grapevine.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = p
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// Wait returns nil once the watermark is at or past p, otherwise ctx's error.
func (w *Watermark) Wait(ctx context.Context, p grapevine.Position) error {
	for {
		w.mu.Lock()
		if !w.at.Before(p) {
			w.mu.Unlock()
			return nil
		}
		if w.changed == nil {
			w.changed = make(chan struct{})
		}
		changed := w.changed
		w.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
