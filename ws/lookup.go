package ws

import (
	"context"
	"sync"

	"grapevine"
)

// newest shares one lookup among those who ask at the same time, but never hands out one that began
// before it was asked for.
type newest struct {
	mu      sync.Mutex
	running *lookup
	waiting *lookup
}

type lookup struct {
	done chan struct{}
	at   grapevine.Position
	err  error
}

func (n *newest) get(ctx context.Context, look func() (grapevine.Position, error)) (grapevine.Position, error) {
	n.mu.Lock()
	var l *lookup
	switch {
	case n.running == nil:
		l = &lookup{done: make(chan struct{})}
		n.running = l
		go n.run(look)
	case n.waiting == nil:
		l = &lookup{done: make(chan struct{})}
		n.waiting = l
	default:
		l = n.waiting
	}
	n.mu.Unlock()
	select {
	case <-l.done:
		return l.at, l.err
	case <-ctx.Done():
		return grapevine.Position{}, ctx.Err()
	}
}

func (n *newest) run(look func() (grapevine.Position, error)) {
	for {
		n.mu.Lock()
		l := n.running
		n.mu.Unlock()
		l.at, l.err = look()
		close(l.done)
		n.mu.Lock()
		n.running, n.waiting = n.waiting, nil
		more := n.running != nil
		n.mu.Unlock()
		if !more {
			return
		}
	}
}
