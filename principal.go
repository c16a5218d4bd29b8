package grapevine

import (
	"context"
	"time"
)

// Role is what somebody may do in one workspace. Each role includes the ones before it.
type Role string

// The roles in a workspace, the lowest first. The empty Role gives no right.
const (
	Viewer Role = "viewer" // reads, exports, joins rooms
	Editor Role = "editor" // also writes and imports
	Admin  Role = "admin"  // also manages the members of the workspace
)

// rank orders the roles. An unknown role is as low as none.
func (r Role) rank() int {
	switch r {
	case Viewer:
		return 1
	case Editor:
		return 2
	case Admin:
		return 3
	}
	return 0
}

// IsValid reports whether r is one of the three roles.
func (r Role) IsValid() bool { return r.rank() > 0 }

// Includes reports whether r gives at least the rights of other, which is one of the three roles.
func (r Role) Includes(other Role) bool { return other.IsValid() && r.rank() >= other.rank() }

// LowerRole is the role that gives less.
func LowerRole(a, b Role) Role {
	if a.rank() < b.rank() {
		return a
	}
	return b
}

// AuthorKind says how the author of a change was known.
type AuthorKind string

// The kinds of authors.
const (
	ByUser    AuthorKind = "user"    // somebody who was signed in
	ByToken   AuthorKind = "token"   // a program with a token
	ByUnknown AuthorKind = "unknown" // the API without sign-in, or an import by the command line
	ByDirect  AuthorKind = "direct"  // a direct edit: MongoDB does not say whose
)

// Author is who wrote a change.
type Author struct {
	Kind AuthorKind `json:"kind"`
	ID   string     `json:"id,omitempty"`   // of the user in hex, or the shown id of the token; empty for the other kinds
	Name string     `json:"name,omitempty"` // at present, of the user or the token; never stored with a change
}

// Principal is who makes a request or holds a socket: a session of a user, or a token. The zero value is nobody and may
// do nothing. Principals are shared and never change; somebody whose rights change is another Principal from then on.
type Principal struct {
	Kind    AuthorKind      // ByUser, ByToken or ByUnknown (sign-in is off: everything is allowed); empty: nobody
	ID      string          // see [Author.ID]
	User    string          // hex id of the user whose rights these are; empty for a service token
	Session string          // hash of the secret of a session; empty for a token
	Name    string          // of the user or the token
	Email   string          // of the user
	Admin   bool            // of the instance; never with a token
	Metrics bool            // a token that reads /metrics and /readyz, and nothing else
	Roles   map[string]Role // by workspace; an admin of the instance is an admin everywhere
	Until   time.Time       // end of the session or token; zero: none

	// Unproven says that MongoDB did not answer just now, and that this principal was proven within the last minute. It may
	// read; every write and every join is Unavailable.
	Unproven bool
}

// Anyone is the principal of all requests while sign-in is off.
var Anyone = &Principal{Kind: ByUnknown, Admin: true}

// IsNobody reports whether the principal is nobody.
func (p *Principal) IsNobody() bool { return p == nil || p.Kind == "" }

// RoleIn is the role in a workspace, empty if there is none.
func (p *Principal) RoleIn(workspace string) Role {
	switch {
	case p.IsNobody():
		return ""
	case p.Admin:
		return Admin
	}
	return p.Roles[workspace]
}

// Author is the author of what the principal writes.
func (p *Principal) Author() Author {
	if p.IsNobody() {
		return Author{Kind: ByUnknown}
	}
	return Author{Kind: p.Kind, ID: p.ID, Name: p.Name}
}

type authorKey struct{}

// WithAuthor returns a context for writes of this author. [AuthorOf] finds it.
func WithAuthor(ctx context.Context, a Author) context.Context {
	return context.WithValue(ctx, authorKey{}, a)
}

// AuthorOf is the author of what is written with ctx: ByUnknown unless [WithAuthor] named one.
func AuthorOf(ctx context.Context) Author {
	if a, ok := ctx.Value(authorKey{}).(Author); ok {
		return a
	}
	return Author{Kind: ByUnknown}
}
