package access

import (
	"sync"
	"sync/atomic"
	"time"

	"grapevine"
)

// End says why somebody who was followed has no right any more.
type End int

// The reasons, each with the code that closes a socket.
const (
	EndSignedOut   End = iota + 1 // 4401: the session, the token or the user is gone, or over
	EndForbidden                  // 4403: the right to the workspace is gone
	EndUnavailable                // 1013: MongoDB has not answered for a minute
)

// Follow calls ended once, from a goroutine of [Access.Run], as soon as the right of p to the workspace is gone. Without a
// workspace only an admin of the instance keeps the right. It never calls ended for grapevine.Anyone. ended must return
// soon. stop ends the following; a call of ended that has begun may still run then.
func (a *Access) Follow(p *grapevine.Principal, workspace string, ended func(End)) (stop func()) {
	if p == grapevine.Anyone {
		return func() {}
	}
	f := &follow{workspace: workspace, ended: ended}
	if p.IsNobody() {
		a.follows.endings.add(f, EndSignedOut)
		return f.stop
	}
	h := a.heldOf(p)
	one := a.follows.add(p, f, h, a.proof.now())
	// What happened since p was found named nobody who was followed, so it is looked at again.
	if now := a.heldOf(p); now == nil || now != h || now.principal != p || !a.counts(now) || !f.isRight(p) {
		a.follows.read(one)
	}
	return func() {
		f.stop()
		a.follows.remove(one, f)
	}
}

// heldOf is what memory holds of a principal.
func (a *Access) heldOf(p *grapevine.Principal) *heldRight {
	hash, ok := parseSecretHash(p.Session)
	if p.Kind == grapevine.ByToken {
		hash, ok = a.held.hashOfToken(p.ID)
	}
	if !ok {
		return nil
	}
	return a.held.get(hash)
}

// follow is one call of [Access.Follow].
type follow struct {
	workspace string
	ended     func(End)
	over      atomic.Bool
}

func (f *follow) stop() { f.over.Store(true) }

// isRight reports whether a principal has the right that is followed.
func (f *follow) isRight(p *grapevine.Principal) bool {
	if f.workspace == "" {
		return p.Admin
	}
	return p.RoleIn(f.workspace).Includes(grapevine.Viewer)
}

// subjectOf is what has to be read to know the rights of a principal.
func subjectOf(p *grapevine.Principal) subject {
	switch {
	case p.Kind == grapevine.ByToken:
		return subject{ofTokenID, p.ID}
	case p.Session != "":
		return subject{ofSession, p.Session}
	}
	return subject{ofUser, p.User}
}

// follows are all who are followed, by session, token or user. An event costs those it concerns, and nobody else.
type follows struct {
	endings endings
	wake    chan struct{} // there is somebody to read

	mu       sync.Mutex
	subjects map[subject]*followed
	ofUser   map[string]map[*followed]struct{} // by hex id
	ofSecret map[string]*followed              // by the hash of a session or token
	unread   map[*followed]struct{}            // to be read again
}

// followed is a session, token or user that is followed. The lock of follows guards it.
type followed struct {
	subject
	user    string // hex id; empty for a service token
	hash    string // of the session or token; empty if it is not known yet
	right   *right // nil before the first read
	lastUse use
	follows map[*follow]struct{}

	wanted, read uint64        // how often a read was asked for, and which of these was answered
	asked        time.Duration // when the last read began
	proven       time.Duration // when the right was last proven
}

func newFollows() follows {
	return follows{
		wake: make(chan struct{}, 1), endings: endings{wake: make(chan struct{}, 1)}, subjects: map[subject]*followed{},
		ofUser: map[string]map[*followed]struct{}{}, ofSecret: map[string]*followed{}, unread: map[*followed]struct{}{},
	}
}

// add begins to follow. h is what memory holds of p; it may be nil.
func (s *follows) add(p *grapevine.Principal, f *follow, h *heldRight, now time.Duration) *followed {
	s.mu.Lock()
	defer s.mu.Unlock()
	subject := subjectOf(p)
	one := s.subjects[subject]
	if one == nil {
		one = &followed{subject: subject, user: p.User, hash: p.Session, follows: map[*follow]struct{}{}, asked: longAgo, proven: now}
		s.subjects[subject] = one
		if one.user != "" {
			if s.ofUser[one.user] == nil {
				s.ofUser[one.user] = map[*followed]struct{}{}
			}
			s.ofUser[one.user][one] = struct{}{}
		}
		if h != nil {
			one.set(h.right, *h.lastUse.Load())
		}
		s.index(one)
	}
	one.follows[f] = struct{}{}
	return one
}

// index notes the hash of a session or token, once it is known.
func (s *follows) index(one *followed) {
	if one.hash != "" {
		s.ofSecret[one.hash] = one
	}
}

// set takes what was read.
func (one *followed) set(r *right, u use) {
	one.right, one.lastUse = r, u
	if r.hash != "" {
		one.hash = r.hash
	}
}

func (s *follows) hashOf(one *followed) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return one.hash
}

func (s *follows) remove(one *followed, f *follow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(one, f)
}

// forget removes a follow, and the session, token or user with its last one.
func (s *follows) forget(one *followed, f *follow) {
	delete(one.follows, f)
	if len(one.follows) > 0 || s.subjects[one.subject] != one {
		return
	}
	delete(s.subjects, one.subject)
	delete(s.unread, one)
	if s.ofSecret[one.hash] == one {
		delete(s.ofSecret, one.hash)
	}
	if of := s.ofUser[one.user]; of != nil {
		if delete(of, one); len(of) == 0 {
			delete(s.ofUser, one.user)
		}
	}
}

// end ends the follows of one for which is says so.
func (s *follows) end(one *followed, why End, is func(*follow) bool) {
	for f := range one.follows {
		if is == nil || is(f) {
			s.forget(one, f)
			s.endings.add(f, why)
		}
	}
}

// size is the number of follows.
func (s *follows) size() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.subjects {
		n += len(one.follows)
	}
	return n
}
