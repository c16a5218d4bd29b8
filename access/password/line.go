package password

import (
	"cmp"
	"context"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"grapevine"
	"grapevine/internal/edge"
)

// LineConfig configures a [line]. Zero values mean the defaults in parentheses.
type LineConfig struct {
	AtOnce  int // hashes at the same time (the processors, at most 2: each takes 64 MiB)
	First   int // strangers that wait, at an address that did not try before (24)
	Waiting int // other strangers that wait (8)
	Known   int // others that wait: known browsers, and those who have a link or a session (16)
}

func (c LineConfig) withDefaults() LineConfig {
	c.AtOnce = cmp.Or(c.AtOnce, min(2, runtime.GOMAXPROCS(0)))
	c.First = cmp.Or(c.First, 24)
	c.Waiting = cmp.Or(c.Waiting, 8)
	c.Known = cmp.Or(c.Known, 16)
	return c
}

// Visitor is who waits in front of argon2.
type Visitor struct {
	Address netip.Addr
	// Known is the account or the link of a browser that signed in before, or of somebody who holds a link or a session. It is
	// empty for a stranger. The known have places of their own, one for each account or link instead of one for each address.
	Known string
	// First is a stranger whose address did not try before. He goes before other strangers: those who guess use all of the time that they get.
	First bool
}

// line is the bounded line in front of argon2. Who finds it full is sent away at once.
type line struct {
	cfg LineConfig

	mu        sync.Mutex
	running   int
	known     []*place        // that wait, the first first
	first     []*place        // that wait, the first first
	strangers []*place        // that wait, the first first
	taken     map[string]bool // keys of those that wait or run
	wasKnown  bool            // the last turn was one of the known
	refused   uint64
	hashed    uint64
}

// place is one visitor in the line. turn is closed when it may run.
type place struct {
	visitor Visitor
	turn    chan struct{}
}

func newLine(cfg LineConfig) *line {
	return &line{cfg: cfg.withDefaults(), taken: map[string]bool{}}
}

// refusedFor is how long those who were sent away should stay away.
const refusedFor = 2 * time.Second

func tooMany(message string) error {
	return &grapevine.Error{Code: grapevine.TooMany, Message: message, RetryAfter: refusedFor}
}

// key is what has one place in the line: the account or link of a known visitor, the address of a stranger.
func (v Visitor) key() string {
	if v.Known != "" {
		return "known " + v.Known
	}
	return "address " + edge.Network(v.Address.Unmap()).String()
}

// enter waits for the turn of a visitor. The caller calls leave when the hash is done. It is TooMany at once if the line is
// full, or if the account, link or address has a place, and TooMany if ctx ends first.
func (l *line) enter(ctx context.Context, v Visitor) (leave func(), err error) {
	p, err := l.join(v)
	if err != nil {
		return nil, err
	}
	select {
	case <-p.turn:
		return func() { l.leave(p, true) }, nil
	case <-ctx.Done():
		l.abandon(p)
		return nil, tooMany("Many people are signing in, and your turn did not come. Try again in a moment.")
	}
}

func (l *line) join(v Visitor) (*place, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken[v.key()] {
		l.refused++
		return nil, tooMany("Another try from your network, or with this account or link, is being checked. Try again in a moment.")
	}
	queue, places := l.queue(v)
	if len(*queue) >= places {
		l.refused++
		return nil, tooMany("Many people are signing in. Try again in a moment.")
	}
	p := &place{visitor: v, turn: make(chan struct{})}
	l.taken[v.key()] = true
	*queue = append(*queue, p)
	l.next()
	return p, nil
}

// queue is where a visitor waits, and how many may wait there.
func (l *line) queue(v Visitor) (queue *[]*place, places int) {
	switch {
	case v.Known != "":
		return &l.known, l.cfg.Known
	case v.First:
		return &l.first, l.cfg.First
	}
	return &l.strangers, l.cfg.Waiting
}

// next gives turns while there is room. The caller holds mu.
func (l *line) next() {
	for l.running < l.cfg.AtOnce {
		from := l.turn()
		if len(*from) == 0 {
			return
		}
		p := (*from)[0]
		*from = slices.Delete(*from, 0, 1)
		l.running++
		l.wasKnown = p.visitor.Known != ""
		close(p.turn)
	}
}

// turn is the queue whose turn is next. The known and the strangers take turns, so that neither can keep the others waiting.
func (l *line) turn() *[]*place {
	strangers := &l.first
	if len(l.first) == 0 {
		strangers = &l.strangers
	}
	if len(*strangers) == 0 || len(l.known) > 0 && !l.wasKnown {
		return &l.known
	}
	return strangers
}

func (l *line) leave(p *place, hashed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	if hashed {
		l.hashed++
	}
	delete(l.taken, p.visitor.key())
	l.next()
}

// abandon takes a place out of the line. Its turn may have come in the meantime.
func (l *line) abandon(p *place) {
	select {
	case <-p.turn:
		l.leave(p, false)
		return
	default:
	}
	l.mu.Lock()
	queue, _ := l.queue(p.visitor)
	waiting := len(*queue)
	*queue = slices.DeleteFunc(*queue, func(other *place) bool { return other == p })
	gone := len(*queue) < waiting
	if gone {
		delete(l.taken, p.visitor.key())
	}
	l.mu.Unlock()
	if !gone {
		l.leave(p, false)
	}
}

// stats are the figures of a line at one moment.
type stats struct {
	running, waiting int
	hashed, refused  uint64
}

func (l *line) stats() stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return stats{l.running, len(l.known) + len(l.first) + len(l.strangers), l.hashed, l.refused}
}
