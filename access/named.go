package access

import (
	"time"

	"grapevine"
)

// maxNamed bounds the memory of a named. Beyond it everything counts as named just now.
const maxNamed = 100_000

// named remembers which sessions, tokens and users the change stream named, and the cluster time of the last time. A read
// that began before is not to be trusted. The owner guards it with a lock.
type named struct {
	memory time.Duration
	at     map[string]naming
	floor  grapevine.Position // up to here everything counts as named
	swept  time.Duration
}

type naming struct {
	position grapevine.Position
	when     time.Duration // by the monotonic clock
}

// name notes an event about an id: the hash of a session or token, or the hex id of a user.
func (n *named) name(id string, at grapevine.Position, now time.Duration) {
	if n.at == nil {
		n.at = map[string]naming{}
	}
	if now-n.swept > n.memory/10 {
		n.sweep(now)
	}
	if len(n.at) >= maxNamed {
		n.forget()
	}
	if known := n.at[id].position; known.Before(at) {
		n.at[id] = naming{at, now}
	}
}

// sweep drops what nobody asks for: entries in Redis that are older than memory are not trusted, and reads are shorter. The
// age of an entry is measured by cluster times, which stand still for some seconds on an idle replica set.
func (n *named) sweep(now time.Duration) {
	n.swept = now
	for id, e := range n.at {
		if now-e.when > n.memory+time.Minute {
			delete(n.at, id)
		}
	}
}

// forget trades the names for a floor: speed is lost, and nothing else.
func (n *named) forget() {
	for _, e := range n.at {
		if n.floor.Before(e.position) {
			n.floor = e.position
		}
	}
	clear(n.at)
}

// since reports whether one of the ids was named after the position.
func (n *named) since(at grapevine.Position, ids ...string) bool {
	if at.Before(n.floor) {
		return true
	}
	for _, id := range ids {
		if at.Before(n.at[id].position) {
			return true
		}
	}
	return false
}
