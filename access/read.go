package access

import (
	"context"
	"sync"

	"grapevine"
	"grapevine/internal/mongox"
)

// reads lets concurrent askers share one read of MongoDB.
type reads struct {
	mu      sync.Mutex
	flights map[flightKey]*flight
}

type flightKey struct {
	kind subjectKind
	hash secretHash
}

// flight is a read that runs.
type flight struct {
	start readStart
	done  chan struct{}

	// These are valid when done is closed.
	right *heldRight // nil: MongoDB answered that there is no such right
	err   error      // MongoDB did not answer
}

// read reads the right of a session or token from MongoDB, or waits for somebody else's read. That read began at most a
// second ago, and nothing was named since. It goes on when ctx ends, because others may wait for it.
func (a *Access) read(ctx context.Context, kind subjectKind, hash secretHash) (*heldRight, error) {
	f := a.joinFlight(flightKey{kind, hash})
	if f == nil {
		return nil, unavailable(errNotAsked)
	}
	select {
	case <-f.done:
		return f.right, f.err
	case <-ctx.Done():
		return nil, unavailable(ctx.Err())
	}
}

// joinFlight finds or starts a read. It is nil while MongoDB does not answer and somebody else tries it again.
func (a *Access) joinFlight(key flightKey) *flight {
	r := &a.reads
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.flights[key]; f != nil && a.proof.now()-f.start.began < a.times.shared && a.held.isCurrent(f.start) {
		return f
	}
	if !a.mongo.allow() {
		return nil
	}
	f := &flight{start: a.held.start(), done: make(chan struct{})}
	if r.flights == nil {
		r.flights = map[flightKey]*flight{}
	}
	r.flights[key] = f
	go a.fly(f, key)
	return f
}

// fly reads, keeps the result and tells all who wait.
func (a *Access) fly(f *flight, key flightKey) {
	ctx, cancel := context.WithTimeout(context.Background(), a.times.read)
	defer cancel()
	id := key.hash.String()
	found, err := a.load(ctx, key.kind, []string{id}, f.start.reached)
	a.reportMongo(err)
	if err != nil {
		f.err = unavailable(err)
	} else if r := found[id]; r != nil {
		f.right = a.held.keep(key.hash, r, f.start)
		a.sessionCache.put(f.right, f.start)
	}
	a.reads.mu.Lock()
	if a.reads.flights[key] == f {
		delete(a.reads.flights, key)
	}
	a.reads.mu.Unlock()
	close(f.done)
}

// reportMongo counts the outcome of a read. An error that MongoDB answered is no reason to wait before the next read.
func (a *Access) reportMongo(err error) {
	switch {
	case err == nil:
		a.mongo.success()
	case mongox.Unavailable(err):
		a.mongo.failure(err)
	default:
		if n, ok := a.refusalLog.Allow(); ok {
			a.cfg.Logger.Warn("MongoDB refuses to say who may do what", "err", err, "times", n)
		}
	}
}

// unavailable is the error of a request whose principal cannot be proven now. It never says that there is no right.
func unavailable(cause error) error {
	return &grapevine.Error{
		Code: grapevine.Unavailable, Message: "MongoDB does not answer, so it is not known who asks. Try again",
		RetryAfter: retryAfter, Cause: cause,
	}
}
