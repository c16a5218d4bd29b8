package ws

import (
	"errors"
	"math/rand/v2"
	"time"

	"grapevine/events"
)

const (
	replayBudget = 128 << 10              // bytes of entries in one step
	replayPause  = 200 * time.Millisecond // and up to as much again, if Redis does not answer
)

// replayStep makes one step of the replay of a socket. The caller calls it again at once, or after wait.
func (h *Hub) replayStep(s *socket) (again bool, wait time.Duration) {
	s.mu.Lock()
	from, replaying := s.replay.replayFrom()
	s.mu.Unlock()
	if !replaying {
		return true, 0
	}
	h.mu.RLock()
	if end := h.recent.end; !from.Before(end) {
		s.mu.Lock()
		s.replay.finish(end) // mu keeps end from moving
		s.mu.Unlock()
		h.mu.RUnlock()
		return true, 0
	}
	entries, to, held := h.recent.after(from, replayBudget)
	h.mu.RUnlock()
	if !held {
		var err error
		entries, to, err = h.pages.after(s.ctx, from, replayBudget)
		switch {
		case errors.Is(err, events.ErrTrimmed):
			h.metrics.replaysTrimmed.Add(1)
			s.close(closeSlow, "slow")
			return true, 0
		case err != nil, len(entries) == 0: // without entries Redis lost its newest writes, which the follower will notice
			return false, replayPause + rand.N(replayPause)
		}
	}
	h.metrics.replayed.Add(int64(len(entries)))
	s.enqueueReplay(from, to, entries)
	return true, 0
}
