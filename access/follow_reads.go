package access

import (
	"context"
	"time"

	"grapevine/internal/retry"
)

// readFollowed reads again what the stream named of those who are followed, until ctx is done.
func (a *Access) readFollowed(ctx context.Context) {
	backoff := retry.Backoff{First: 50 * time.Millisecond, Max: a.times.shared}
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.follows.wake:
		}
		for ctx.Err() == nil {
			kind, some := a.follows.takeUnread(a.proof.now())
			if len(some) == 0 {
				break
			}
			if err := a.readSome(ctx, kind, some); err != nil {
				a.follows.putBack(some)
				_ = retry.Sleep(ctx, backoff.Next())
				continue
			}
			backoff.Reset()
		}
	}
}

// unread is one who has to be read, and which request for that a read answers.
type unread struct {
	*followed
	wanted uint64
}

// takeUnread takes some of one kind who are to be read together.
func (s *follows) takeUnread(now time.Duration) (kind subjectKind, some []unread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.unread {
		if len(some) == maxLoaded {
			break
		}
		if len(some) == 0 {
			kind = one.kind
		}
		if one.kind != kind {
			continue
		}
		delete(s.unread, one)
		one.asked = now
		some = append(some, unread{one, one.wanted})
	}
	return kind, some
}

func (s *follows) putBack(some []unread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range some {
		if s.subjects[one.subject] == one.followed {
			s.unread[one.followed] = struct{}{}
		}
	}
}

func (a *Access) readSome(ctx context.Context, kind subjectKind, some []unread) error {
	ids := make([]string, len(some))
	for i, one := range some {
		ids[i] = one.id
	}
	start := a.held.start()
	found, err := a.load(ctx, kind, ids, start.reached)
	if ctx.Err() == nil {
		a.reportMongo(err)
	}
	if err != nil {
		return err
	}
	a.takeFound(some, found, start)
	return nil
}

// takeFound takes what a read has found. The stream may have named one meanwhile when it was not known yet whose secret
// that was: it is read again.
func (a *Access) takeFound(some []unread, found map[string]*right, start readStart) {
	for _, one := range some {
		r := found[one.id]
		if r == nil {
			a.held.nameSecret(a.follows.hashOf(one.followed), a.held.next()) // before the stream does
		}
		a.follows.answer(one, r, start.began) // an event from here on finds it by its hash
		if r == nil {
			continue
		}
		if hash, ok := parseSecretHash(r.hash); ok && a.held.keep(hash, r, start).stream != start.stream {
			a.follows.read(one.followed)
		}
	}
}

// answer takes what was read of one, and ends what it no longer allows.
func (s *follows) answer(one unread, r *right, began time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subjects[one.subject] != one.followed {
		return
	}
	one.read, one.proven = max(one.read, one.wanted), max(one.proven, began)
	if r == nil {
		s.end(one.followed, EndSignedOut, nil)
		return
	}
	one.set(r, r.use)
	s.index(one.followed)
	s.end(one.followed, EndForbidden, func(f *follow) bool { return !f.isRight(r.principal) })
}

// lookAtEnds ends what is over by time, until ctx is done. While the stream does not answer it has everybody read again
// each second.
func (a *Access) lookAtEnds(ctx context.Context) {
	for retry.Sleep(ctx, a.times.tick) == nil {
		a.follows.lookAtEnds(a.proof.now(), a.proof.isFresh(), a.proof.lastAnswer(), &a.times, a.now())
	}
}

func (s *follows) lookAtEnds(now time.Duration, fresh bool, answered time.Duration, times *timing, wall time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.subjects {
		if fresh && one.read == one.wanted {
			one.proven = max(one.proven, answered)
		}
		switch {
		case one.right != nil && one.right.isSpent(wall):
			s.end(one, EndSignedOut, nil)
		case now-one.proven >= times.grace:
			s.end(one, EndUnavailable, nil)
		case one.right != nil && one.right.isOver(one.lastUse, wall):
			s.want(one) // unless another instance has noted a later use
		case !fresh && now-one.asked >= times.shared:
			s.want(one)
		}
	}
}
