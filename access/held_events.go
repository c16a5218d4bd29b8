package access

import (
	"time"

	"grapevine"
)

// open begins with a stream that names every change after a time. What was read before does not count as proven by it.
func (h *held) open(from grapevine.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams++
	h.opened, h.reached = from, from
	h.events++
	h.proof.opened(h.streams)
}

// close ends the stream. What is held no longer counts as proven; it only says who was proven until now.
func (h *held) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	stream, last := h.proof.stream.Load(), h.proof.lastAnswer()
	h.proof.broken()
	h.opened, h.reached = grapevine.Position{}, grapevine.Position{}
	h.named.forget()
	h.events++
	for _, e := range h.rights {
		if e.stream == stream && stream != 0 {
			e.proven = last
		}
	}
}

// clear drops everything, because a whole collection is gone. A read that began before that is not kept.
func (h *held) clear(at grapevine.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events++
	if h.named.floor.Before(at) {
		h.named.floor = at
	}
	clear(h.rights)
	clear(h.ofUser)
	clear(h.ofToken)
}

// nameSecret notes an event about a session or a token, and drops its right.
func (h *held) nameSecret(id string, at grapevine.Position) {
	hash, ok := parseSecretHash(id)
	if !ok {
		return // nothing is held of it
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(id, at)
	if e := h.rights[hash]; e != nil {
		h.remove(e)
	}
}

// nameUser notes an event about a user, and drops the rights of his sessions and tokens.
func (h *held) nameUser(id string, at grapevine.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(id, at)
	for hash := range h.ofUser[id] {
		h.remove(h.rights[hash])
	}
}

func (h *held) note(id string, at grapevine.Position) {
	h.events++
	h.named.name(id, at, h.proof.now())
}

// reach notes that every change up to a position was named.
func (h *held) reach(at grapevine.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.reached.Before(at) {
		h.reached = at
	}
}

// used notes that a session or token was used, and nothing else of it changed.
func (h *held) used(id string, u use) {
	hash, ok := parseSecretHash(id)
	if !ok {
		return
	}
	if e := h.get(hash); e != nil {
		u = u.after(*e.lastUse.Load())
		e.lastUse.Store(&u)
	}
}

// lastProven is when a right was last proven.
func (h *held) lastProven(e *heldRight) time.Duration {
	h.mu.RLock()
	defer h.mu.RUnlock()
	last := max(e.began, e.proven)
	if stream := h.proof.stream.Load(); stream != 0 && e.stream == stream {
		last = max(last, h.proof.lastAnswer())
	}
	return last
}
