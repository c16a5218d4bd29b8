package ws

import (
	"context"
	"sync"

	"grapevine"
)

// watermark is a position that others read and wait for.
type watermark struct {
	mu      sync.Mutex
	at      grapevine.Position
	changed chan struct{} // closed at the next change; nil while nobody waits
}

func (w *watermark) load() grapevine.Position {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// store may also lower it: Redis lost its tail.
func (w *watermark) store(p grapevine.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = p
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// wait returns nil once the watermark is at or past p, else ctx's error.
func (w *watermark) wait(ctx context.Context, p grapevine.Position) error {
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
