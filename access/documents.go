package access

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// User is a document of users.
type User struct {
	ID          bson.ObjectID `bson:"_id"`
	Email       string        `bson:"email"` // see NormalizeEmail; unique
	Name        string        `bson:"name"`
	Password    string        `bson:"password,omitempty"` // argon2id as a PHC string; absent: no sign-in by password
	Epoch       int64         `bson:"epoch"`              // another value ends all sessions
	Admin       bool          `bson:"admin"`              // of the instance
	Memberships []Membership  `bson:"memberships"`        // two of one workspace count as the lower
	OIDC        *OIDCLink     `bson:"oidc,omitempty"`
	Disabled    bool          `bson:"disabled"`
	CreatedAt   time.Time     `bson:"createdAt"`
}

// Membership is the right of a user in one workspace.
type Membership struct {
	Workspace string         `bson:"workspace" json:"workspace"`
	Role      grapevine.Role `bson:"role" json:"role"`
}

// OIDCLink is the user's account at a provider of single sign-on. The pair is unique.
type OIDCLink struct {
	Issuer  string `bson:"issuer"`
	Subject string `bson:"subject"`
}

// Session is a document of sessions.
type Session struct {
	Hash      string        `bson:"_id"` // hex SHA-256 of the secret
	ID        string        `bson:"id"`  // random; the one that is shown
	User      bson.ObjectID `bson:"user"`
	Stamp     string        `bson:"stamp"` // see [User.Stamp], at sign-in
	CreatedAt time.Time     `bson:"createdAt"`
	SeenAt    time.Time     `bson:"seenAt"`    // at most once in 10 minutes
	ExpiresAt time.Time     `bson:"expiresAt"` // TTL index
	Address   string        `bson:"address"`
	Browser   string        `bson:"browser"`
}

// Token is a document of tokens.
type Token struct {
	Hash      string         `bson:"_id"`    // hex SHA-256 of the whole text gv_…
	ID        string         `bson:"id"`     // random; the one that is shown
	Prefix    string         `bson:"prefix"` // the first 8 characters of the text
	Name      string         `bson:"name"`
	User      *bson.ObjectID `bson:"user"`                // nil: a service token, made by an admin of the instance
	Workspace string         `bson:"workspace,omitempty"` // empty for the role metrics
	Role      grapevine.Role `bson:"role"`                // or RoleMetrics
	CreatedAt time.Time      `bson:"createdAt"`
	ExpiresAt *time.Time     `bson:"expiresAt,omitempty"` // nil: never
	UsedAt    *time.Time     `bson:"usedAt,omitempty"`    // at most once a minute
}

// RoleMetrics is the role of a token that reads /metrics and /readyz in full, in no workspace.
const RoleMetrics grapevine.Role = "metrics"

// InvitationKind says what the link of an invitation does.
type InvitationKind string

// The kinds of invitations.
const (
	KindInvite InvitationKind = "invite" // makes a user, or gives one memberships; 7 days
	KindReset  InvitationKind = "reset"  // sets the password of one user; 1 hour
	KindSetup  InvitationKind = "setup"  // makes the first user; 30 minutes
)

// Invitation is a document of invitations.
type Invitation struct {
	Hash        string         `bson:"_id"` // hex SHA-256 of the secret
	ID          string         `bson:"id"`  // random; the one that is shown
	Kind        InvitationKind `bson:"kind"`
	Email       string         `bson:"email,omitempty"`
	User        *bson.ObjectID `bson:"user,omitempty"` // of a reset
	Memberships []Membership   `bson:"memberships"`
	Admin       bool           `bson:"admin"`
	By          *bson.ObjectID `bson:"by,omitempty"` // nil: the command line
	CreatedAt   time.Time      `bson:"createdAt"`
	ExpiresAt   time.Time      `bson:"expiresAt"`
	UsedAt      *time.Time     `bson:"usedAt,omitempty"`
}
