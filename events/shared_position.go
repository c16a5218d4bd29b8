package events

import (
	"context"
	"sync"

	"grapevine"
)

// SharedPosition is a position that others read and wait for. The zero value is ready to use and is at the zero
// position. Safe for concurrent use.
type SharedPosition struct {
	mu      sync.Mutex
	at      grapevine.Position
	changed chan struct{} // closed at the next change; nil if no caller waits
}

// Load returns the position.
func (s *SharedPosition) Load() grapevine.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// Store moves the position. It also moves back, if Redis lost its newest writes.
func (s *SharedPosition) Store(p grapevine.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = p
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// Wait returns nil once the position is at or past p, otherwise ctx's error.
func (s *SharedPosition) Wait(ctx context.Context, p grapevine.Position) error {
	for {
		s.mu.Lock()
		if !s.at.Before(p) {
			s.mu.Unlock()
			return nil
		}
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
