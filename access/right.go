package access

import (
	"time"

	"grapevine"
)

// right is what one session, token or user may do, as it was read. It never changes.
type right struct {
	principal *grapevine.Principal
	hash      string // _id of the session or token; empty for a user
	use              // as it was read
	latest    time.Time
	idle      time.Duration // it ends when it was not used for so long; zero: never
}

// use is the part of a session or token that changes whenever it is used.
type use struct {
	seen    time.Time // the last use, as far as it is stored; zero: never
	expires time.Time // its stored end; zero: none
}

// after is a later use, whose event names the stored end only if that has changed.
func (u use) after(earlier use) use {
	if u.expires.IsZero() {
		u.expires = earlier.expires
	}
	return u
}

// endsAt is the stored end, the idle end or the absolute one, whichever comes first. It is zero if there is none.
func (r *right) endsAt(u use) (end time.Time) {
	end = soonest(u.expires, r.latest)
	if r.idle > 0 {
		end = soonest(end, u.seen.Add(r.idle))
	}
	return end
}

// soonest is the earlier of two ends. Zero means none.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// isOver reports whether the right has ended by now.
func (r *right) isOver(u use, now time.Time) bool {
	end := r.endsAt(u)
	return !end.IsZero() && !now.Before(end)
}

// isSpent reports whether no use could have moved the end.
func (r *right) isSpent(now time.Time) bool {
	if r.idle == 0 {
		return r.isOver(r.use, now)
	}
	return !r.latest.IsZero() && !now.Before(r.latest)
}

// rightOfSession is nil if the session gives no right: it is over, or its user is gone, disabled, or has another stamp.
func rightOfSession(s *Session, u *User, now time.Time) *right {
	if u == nil || u.Disabled || s.User != u.ID || s.Stamp != u.Stamp() {
		return nil
	}
	length := lengthOf(u)
	r := &right{
		hash: s.Hash, use: use{seen: s.SeenAt, expires: s.ExpiresAt},
		latest: s.CreatedAt.Add(length.absolute), idle: length.idle,
	}
	if r.seen.Before(s.CreatedAt) {
		r.seen = s.CreatedAt // it is absent
	}
	if r.isOver(r.use, now) {
		return nil
	}
	r.principal = principalOf(u)
	r.principal.Session, r.principal.Until = s.Hash, r.latest
	return r
}

// principalOf is the principal of a user who is not disabled.
func principalOf(u *User) *grapevine.Principal {
	id := u.ID.Hex()
	return &grapevine.Principal{
		Kind: grapevine.ByUser, ID: id, User: id, Name: u.Name, Email: u.Email, Admin: u.Admin, Roles: u.Roles(),
	}
}

// rightOfUser is nil if the user is gone or disabled.
func rightOfUser(u *User) *right {
	if u == nil || u.Disabled {
		return nil
	}
	return &right{principal: principalOf(u)}
}

// rightOfToken is nil if the token gives no right: it is over, or its user is gone or disabled. u is the user whom the
// token names, nil if there is none.
func rightOfToken(t *Token, u *User, now time.Time) *right {
	r := &right{hash: t.Hash}
	if t.UsedAt != nil {
		r.seen = *t.UsedAt
	}
	if t.ExpiresAt != nil {
		r.expires = *t.ExpiresAt
	}
	owned := t.User != nil
	if r.isOver(r.use, now) || owned && (u == nil || u.Disabled || u.ID != *t.User) {
		return nil
	}
	r.principal = &grapevine.Principal{Kind: grapevine.ByToken, ID: t.ID, Name: t.Name, Until: r.expires}
	if owned {
		r.principal.User = u.ID.Hex()
	}
	if t.Role == RoleMetrics {
		r.principal.Metrics = !owned || u.Admin
		return r
	}
	role := t.Role
	if owned {
		role = grapevine.LowerRole(role, principalOf(u).RoleIn(t.Workspace))
	}
	if role.IsValid() {
		r.principal.Roles = map[string]grapevine.Role{t.Workspace: role}
	}
	return r
}
