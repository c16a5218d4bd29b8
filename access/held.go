package access

import (
	"sync"
	"sync/atomic"
	"time"

	"grapevine"
)

// maxHeld bounds the rights in memory. Beyond it one of them goes; MongoDB or Redis still has it.
const maxHeld = 100_000

// held is what this instance has read of sessions and tokens, with all that decides whether it still counts.
type held struct {
	proof  *proof
	memory time.Duration

	mu      sync.RWMutex
	rights  map[secretHash]*heldRight
	ofUser  map[string]map[secretHash]struct{} // by hex id
	ofToken map[string]secretHash              // by the shown id
	named   named
	streams uint64             // how many streams were opened
	opened  grapevine.Position // the open stream names every change after this time
	reached grapevine.Position // and has named every change up to here; zero: no stream is open
	events  uint64             // how often anything was named
}

// heldRight is a right in memory.
type heldRight struct {
	*right
	hash   secretHash
	stream uint64        // during which it was read; 0: none was open, or it was named in the meantime
	began  time.Duration // when its read of MongoDB began; longAgo if it came from Redis
	proven time.Duration // when it was last proven by a stream that is no longer open

	lastUse  atomic.Pointer[use]
	touched  atomic.Int64 // when an update of it was last asked for, by the monotonic clock
	unproven atomic.Pointer[grapevine.Principal]
}

// longAgo is before every time that counts.
const longAgo = -time.Hour

// isOver reports whether the right has ended by now, as far as is known.
func (h *heldRight) isOver(now time.Time) bool { return h.right.isOver(*h.lastUse.Load(), now) }

// asUnproven is the principal with the mark that it was not proven just now.
func (h *heldRight) asUnproven() *grapevine.Principal {
	if p := h.unproven.Load(); p != nil {
		return p
	}
	p := *h.principal
	p.Unproven = true
	h.unproven.CompareAndSwap(nil, &p)
	return h.unproven.Load()
}

// readStart is what was known when a read began.
type readStart struct {
	stream  uint64
	reached grapevine.Position // the read has to show the state at this time or later
	began   time.Duration
	events  uint64
}

func newHeld(p *proof, memory time.Duration) held {
	return held{
		proof: p, memory: memory, named: named{memory: memory},
		rights: map[secretHash]*heldRight{}, ofUser: map[string]map[secretHash]struct{}{}, ofToken: map[string]secretHash{},
	}
}

func (h *held) get(hash secretHash) *heldRight {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.rights[hash]
}

// hashOfToken finds the hash of a token by its shown id.
func (h *held) hashOfToken(id string) (hash secretHash, ok bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	hash, ok = h.ofToken[id]
	return hash, ok
}

// start is to be called before a read.
func (h *held) start() readStart {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return readStart{h.proof.stream.Load(), h.reached, h.proof.now(), h.events}
}

// isCurrent reports whether nothing was named since the start of a read. Then others may share it.
func (h *held) isCurrent(start readStart) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return start.events == h.events
}

// keep takes a right that was read from MongoDB. It is not held if the stream named it since the read began.
func (h *held) keep(hash secretHash, r *right, start readStart) *heldRight {
	e := newHeldRight(hash, r, start.stream, start.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case start.events != h.events && h.named.since(start.reached, r.hash, r.principal.User):
		e.stream = 0
		return e
	case start.stream != h.proof.stream.Load():
		e.stream = 0
	}
	h.put(e)
	return e
}

// trust takes a right that another instance read when its stream had reached a position. It is nil if something may have
// happened since, which this instance would not know.
func (h *held) trust(hash secretHash, r *right, at grapevine.Position) *heldRight {
	h.mu.Lock()
	defer h.mu.Unlock()
	stream, now := h.proof.stream.Load(), h.proof.now()
	const ahead = 2 // seconds that another stream can be ahead of this one
	age := int64(h.reached.T()) - int64(at.T())
	if !h.proof.holds(stream, now) || at.Before(h.opened) || age >= int64(h.memory.Seconds()) || age < -ahead ||
		h.named.since(at, r.hash, r.principal.User) {
		return nil
	}
	e := newHeldRight(hash, r, stream, longAgo)
	h.put(e)
	return e
}

func newHeldRight(hash secretHash, r *right, stream uint64, began time.Duration) *heldRight {
	e := &heldRight{right: r, hash: hash, stream: stream, began: began, proven: longAgo}
	e.lastUse.Store(&r.use)
	e.touched.Store(int64(longAgo))
	return e
}

func (h *held) put(e *heldRight) {
	if old := h.rights[e.hash]; old != nil {
		h.remove(old)
	}
	if len(h.rights) >= maxHeld {
		for _, one := range h.rights {
			h.remove(one)
			break
		}
	}
	h.rights[e.hash] = e
	p := e.principal
	if p.Kind == grapevine.ByToken {
		h.ofToken[p.ID] = e.hash
	}
	if p.User == "" {
		return
	}
	if h.ofUser[p.User] == nil {
		h.ofUser[p.User] = map[secretHash]struct{}{}
	}
	h.ofUser[p.User][e.hash] = struct{}{}
}

func (h *held) remove(e *heldRight) {
	delete(h.rights, e.hash)
	p := e.principal
	if h.ofToken[p.ID] == e.hash {
		delete(h.ofToken, p.ID)
	}
	if of := h.ofUser[p.User]; of != nil {
		if delete(of, e.hash); len(of) == 0 {
			delete(h.ofUser, p.User)
		}
	}
}

func (h *held) size() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.rights)
}
