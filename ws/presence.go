package ws

import (
	"maps"
	"sync"
	"time"

	"grapevine/events"
)

// presenceExpiry is the silence after which another instance has no members.
const presenceExpiry = 5 * time.Second

// presence counts, by room, the sockets that asked for presence: those of this instance and those that the
// others announced.
type presence struct {
	self   string        // name of this instance
	wakeup chan struct{} // capacity 1: there are rooms in toNotify or toAnnounce

	mu         sync.Mutex
	local      map[string]int
	others     map[string]*peer
	toNotify   map[string]struct{} // rooms whose members here may not know the number yet
	toAnnounce map[string]struct{} // rooms whose local number the others may not know yet
}

// peer is another instance and its announced members.
type peer struct {
	lastHeard time.Time
	rooms     map[string]int
}

func newPresence(self string) presence {
	return presence{
		self: self, wakeup: make(chan struct{}, 1), local: map[string]int{}, others: map[string]*peer{},
		toNotify: map[string]struct{}{}, toAnnounce: map[string]struct{}{},
	}
}

func (p *presence) wake() {
	select {
	case p.wakeup <- struct{}{}:
	default:
	}
}

// add changes the number of local members of a room.
func (p *presence) add(room string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.local[room] += n; p.local[room] == 0 {
		delete(p.local, room)
	}
	p.toNotify[room], p.toAnnounce[room] = struct{}{}, struct{}{}
	p.wake()
}

// members is the number of members of a room in all instances.
func (p *presence) members(room string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.local[room]
	for _, other := range p.others {
		n += other.rooms[room]
	}
	return n
}

// receive takes an announcement. It ignores those of this instance.
func (p *presence) receive(a events.Presence) {
	if a.Instance == p.self {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	other := p.others[a.Instance]
	if other == nil {
		other = &peer{rooms: map[string]int{}}
		p.others[a.Instance] = other
	}
	other.lastHeard = time.Now()
	if a.Complete {
		for room, n := range other.rooms {
			if a.Members[room] != n {
				p.toNotify[room] = struct{}{}
			}
		}
		clear(other.rooms)
	}
	for room, n := range a.Members {
		p.toNotify[room] = struct{}{}
		if n > 0 {
			other.rooms[room] = n
		} else {
			delete(other.rooms, room)
		}
	}
	if len(p.toNotify) > 0 {
		p.wake()
	}
}

// expire removes the instances that are silent.
func (p *presence) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, other := range p.others {
		if time.Since(other.lastHeard) < presenceExpiry {
			continue
		}
		for room := range other.rooms {
			p.toNotify[room] = struct{}{}
		}
		delete(p.others, name)
	}
	if len(p.toNotify) > 0 {
		p.wake()
	}
}

// takeChanges returns the rooms whose members have to be notified, and the numbers to announce.
func (p *presence) takeChanges() (notify map[string]struct{}, announce map[string]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	notify, p.toNotify = p.toNotify, map[string]struct{}{}
	announce = make(map[string]int, len(p.toAnnounce))
	for room := range p.toAnnounce {
		announce[room] = p.local[room]
	}
	clear(p.toAnnounce)
	return notify, announce
}

// localMembers is the number of this instance's members, by room.
func (p *presence) localMembers() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.local)
}
