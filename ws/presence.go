package ws

import (
	"context"
	"maps"
	"sync"
	"time"

	"grapevine/events"
	"grapevine/internal/retry"
)

const (
	presenceEvery = 2 * time.Second        // every instance says all it has
	presenceApart = 100 * time.Millisecond // between two announcements of changes
	presenceHeld  = 5 * time.Second        // an instance not heard for this long has no members
)

// presence counts, room by room, the sockets that asked for it, here and in the other instances.
type presence struct {
	self string
	wake chan struct{}

	mu      sync.Mutex
	local   map[string]int
	others  map[string]*instance
	tell    map[string]struct{} // rooms whose members here may not know the number yet
	changed map[string]struct{} // rooms whose local number the others may not know yet
}

// instance is what another instance has announced.
type instance struct {
	at    time.Time // when it was heard
	rooms map[string]int
}

func newPresence(self string) presence {
	return presence{
		self: self, wake: make(chan struct{}, 1), local: map[string]int{}, others: map[string]*instance{},
		tell: map[string]struct{}{}, changed: map[string]struct{}{},
	}
}

func (p *presence) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *presence) count(room string, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.local[room] += by; p.local[room] == 0 {
		delete(p.local, room)
	}
	p.tell[room], p.changed[room] = struct{}{}, struct{}{}
	p.poke()
}

func (p *presence) members(room string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.local[room]
	for _, other := range p.others {
		n += other.rooms[room]
	}
	return n
}

// heard takes another instance's announcement.
func (p *presence) heard(announced events.Presence) {
	from, rooms := announced.Instance, announced.Members
	if from == p.self {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	other := p.others[from]
	if other == nil {
		other = &instance{rooms: map[string]int{}}
		p.others[from] = other
	}
	other.at = time.Now()
	if announced.Complete {
		for room, n := range other.rooms {
			if rooms[room] != n {
				p.tell[room] = struct{}{}
			}
		}
		clear(other.rooms)
	}
	for room, n := range rooms {
		p.tell[room] = struct{}{}
		if n > 0 {
			other.rooms[room] = n
		} else {
			delete(other.rooms, room)
		}
	}
	if len(p.tell) > 0 {
		p.poke()
	}
}

// expire forgets the instances that are silent.
func (p *presence) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, other := range p.others {
		if time.Since(other.at) < presenceHeld {
			continue
		}
		for room := range other.rooms {
			p.tell[room] = struct{}{}
		}
		delete(p.others, name)
	}
	if len(p.tell) > 0 {
		p.poke()
	}
}

// take is what has to be told here and announced to the others.
func (p *presence) take() (tell map[string]struct{}, announce map[string]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	tell, p.tell = p.tell, map[string]struct{}{}
	announce = make(map[string]int, len(p.changed))
	for room := range p.changed {
		announce[room] = p.local[room]
	}
	clear(p.changed)
	return tell, announce
}

func (p *presence) all() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.local)
}

// announce keeps this instance's members told and the other instances informed, until ctx ends.
func (h *Hub) announce(ctx context.Context) {
	trouble := retry.Log{
		Logger: h.log, Failed: "cannot announce presence to the other instances, will retry",
		Recovered: "announcing presence to the other instances again",
	}
	say := func(ctx context.Context, rooms map[string]int, full bool) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if err := h.signals.Announce(ctx, events.Presence{Instance: h.presence.self, Members: rooms, Complete: full}); err == nil {
			trouble.Success()
		} else if ctx.Err() == nil || full {
			trouble.Failure(err)
		}
	}
	ticker := time.NewTicker(presenceEvery)
	defer ticker.Stop()
	present := false // the others count members of ours
	for {
		select {
		case <-ctx.Done():
			if present {
				say(context.WithoutCancel(ctx), map[string]int{}, true)
			}
			return
		case <-ticker.C:
			h.presence.expire()
			rooms := h.presence.all()
			if present || len(rooms) > 0 {
				say(ctx, rooms, true)
				present = len(rooms) > 0
			}
		case <-h.presence.wake:
			tell, rooms := h.presence.take()
			h.tellMembers(tell)
			if len(rooms) > 0 {
				present = true
				say(ctx, rooms, false)
			}
			_ = retry.Sleep(ctx, presenceApart) // an end of ctx is seen above
		}
	}
}

// tellMembers sends the number of members to those in the rooms who want it and have another one.
func (h *Hub) tellMembers(rooms map[string]struct{}) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for room := range rooms {
		subs := h.rooms[room]
		if len(subs) == 0 {
			continue
		}
		n := h.presence.members(room)
		f := presenceFrame(room, n)
		for _, sub := range subs {
			if !sub.presence {
				continue
			}
			s := sub.socket
			s.mu.Lock()
			if sub.members != n {
				sub.members = n
				s.put(f, h.cfg.MaxQueue)
			}
			s.mu.Unlock()
			s.poke()
		}
	}
}
