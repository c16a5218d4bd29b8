package access

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// maxTokens is how many tokens a user may have, and how many the instance may have for programs of its own.
const maxTokens = 200

// NewToken is what a token is to be.
type NewToken struct {
	Name      string
	Workspace string         // empty for RoleMetrics
	Role      grapevine.Role // or RoleMetrics
	Service   bool           // of nobody: its rights do not end with those of a person. Needs an admin of the instance
	User      string         // whose token it is; only [CommandLine] makes tokens of others. Empty: of whoever makes it
	ExpiresAt *time.Time     // nil: never
}

// TokenInfo is a token without its secret.
type TokenInfo struct {
	ID        string          `json:"id"`
	Prefix    string          `json:"prefix"` // the first characters of its text
	Name      string          `json:"name"`
	User      string          `json:"user,omitempty"`      // empty: a service token
	Workspace string          `json:"workspace,omitempty"` // empty for the role metrics
	Role      grapevine.Role  `json:"role"`
	CreatedAt grapevine.Time  `json:"createdAt"`
	ExpiresAt *grapevine.Time `json:"expiresAt"` // null: never
	UsedAt    *grapevine.Time `json:"usedAt"`    // null: not yet
}

func (t *Token) info() TokenInfo {
	info := TokenInfo{
		ID: t.ID, Prefix: t.Prefix, Name: t.Name, Workspace: t.Workspace, Role: t.Role, CreatedAt: grapevine.Time{Time: t.CreatedAt},
		ExpiresAt: maybeTime(t.ExpiresAt), UsedAt: maybeTime(t.UsedAt),
	}
	if t.User != nil {
		info.User = t.User.Hex()
	}
	return info
}

func maybeTime(t *time.Time) *grapevine.Time {
	if t == nil {
		return nil
	}
	return &grapevine.Time{Time: *t}
}

// normalize judges the request, without rights.
func (n *NewToken) normalize(now time.Time) (err error) {
	if n.Name, err = cleanName(n.Name); err != nil {
		return err
	}
	switch {
	case n.Role == RoleMetrics && n.Workspace != "":
		return invalid("workspace", "must be absent: the role metrics belongs to no workspace")
	case n.Role == RoleMetrics && n.User != "":
		return invalid("user", "must be absent: a token with the role metrics is a service token")
	case n.Role == RoleMetrics:
		n.Service = true
	case !n.Role.IsValid():
		return invalid("role", "must be viewer, editor, admin or metrics")
	case !grapevine.ValidWorkspace(n.Workspace):
		return invalid("workspace", "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen")
	}
	if n.ExpiresAt != nil && !n.ExpiresAt.After(now) {
		return invalid("expiresAt", "must be in the future, or absent for a token that does not end")
	}
	return nil
}

// CreateToken makes a token. text is its secret and is shown this once. A person makes tokens of his own that give no more
// than he has; an admin of the instance also makes those of nobody.
func (a *Access) CreateToken(ctx context.Context, by *grapevine.Principal, n NewToken) (info TokenInfo, text string, err error) {
	if by != CommandLine {
		if _, err := person(by); err != nil {
			return info, "", err
		}
	}
	if err := n.normalize(a.now()); err != nil {
		return info, "", err
	}
	text = newTokenText()
	token := Token{
		Hash: hashSecret(text), ID: newShownID(), Prefix: text[:prefixLength], Name: n.Name, Workspace: n.Workspace, Role: n.Role,
		CreatedAt: a.now(), ExpiresAt: n.ExpiresAt,
	}
	err = a.transact(ctx, "create the token", func(ctx context.Context) error {
		owner, err := a.ownerOf(ctx, by, n)
		if err != nil {
			return err
		}
		token.User = owner
		return a.insertToken(ctx, token)
	})
	if err != nil {
		return info, "", err
	}
	a.record(ctx, "access: a token was created", by, "token", token.ID, "workspace", token.Workspace, "role", token.Role)
	return token.info(), text, nil
}

// ownerOf is the user whose token it is to be, nil for a service token, if the actor may make it.
func (a *Access) ownerOf(ctx context.Context, by *grapevine.Principal, n NewToken) (*bson.ObjectID, error) {
	who, err := a.actorOf(ctx, by)
	if err != nil {
		return nil, err
	}
	switch {
	case n.Service:
		return nil, who.requireAdmin()
	case n.User != "" && who.user != nil && n.User != who.user.ID.Hex():
		return nil, forbidden("Only the command line makes tokens of other users.")
	case n.User == "" && who.user == nil:
		return nil, invalid("user", "is missing: the command line makes tokens of a user or of the instance")
	}
	owner := who.user
	if owner == nil {
		id, err := userID(n.User)
		if err != nil {
			return nil, err
		}
		if owner, err = a.target(ctx, byID(id)); err != nil {
			return nil, err
		}
	}
	if role := (actor{owner}).roleIn(n.Workspace); !role.Includes(n.Role) {
		return nil, forbidden(fmt.Sprintf("A token gives no more than its user has: this needs the role %s in the workspace %s.", n.Role, n.Workspace))
	}
	return &owner.ID, nil
}

func (c actor) roleIn(workspace string) grapevine.Role {
	if c.isAdmin() {
		return grapevine.Admin
	}
	return c.user.Roles()[workspace]
}

func (a *Access) insertToken(ctx context.Context, token Token) error {
	n, err := a.tokens.CountDocuments(ctx, bson.D{{Key: "user", Value: token.User}}, options.Count().SetLimit(maxTokens))
	if err != nil {
		return err
	}
	if n >= maxTokens {
		return refuse(grapevine.Conflict, fmt.Sprintf("There are %d tokens already, which is the most. Revoke one that nobody needs.", n))
	}
	_, err = a.tokens.InsertOne(ctx, token)
	return err
}

// Tokens are the person's own tokens, the newest first. An admin of the instance also gets those of nobody, and the
// command line gets all.
func (a *Access) Tokens(ctx context.Context, p *grapevine.Principal) (list []TokenInfo, err error) {
	filter, err := ownTokens(p)
	if err != nil {
		return nil, err
	}
	err = call(ctx, "list the tokens", func(ctx context.Context) error {
		cursor, err := a.tokens.Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "createdAt", Value: -1}}))
		if err != nil {
			return err
		}
		found, err := fitting(ctx, cursor, decodeToken)
		list = make([]TokenInfo, 0, len(found))
		for _, t := range found {
			list = append(list, t.info())
		}
		return err
	})
	return list, err
}

func ownTokens(p *grapevine.Principal) (bson.D, error) {
	if p == CommandLine {
		return bson.D{}, nil
	}
	user, err := person(p)
	owners := bson.A{user}
	if p != nil && p.Admin {
		owners = append(owners, nil)
	}
	return bson.D{{Key: "user", Value: bson.D{{Key: "$in", Value: owners}}}}, err
}

// RevokeToken ends a token by its shown id: the person's own, and for an admin of the instance any.
func (a *Access) RevokeToken(ctx context.Context, p *grapevine.Principal, id string) error {
	err := a.transact(ctx, "revoke the token", func(ctx context.Context) error {
		who, err := a.actorOf(ctx, p)
		if err != nil {
			return err
		}
		filter := bson.D{{Key: "id", Value: id}}
		if !who.isAdmin() {
			filter = append(filter, bson.E{Key: "user", Value: who.user.ID})
		}
		result, err := a.tokens.DeleteOne(ctx, filter)
		if err == nil && result.DeletedCount == 0 {
			err = refuse(grapevine.NotFound, "There is no such token.")
		}
		return err
	})
	if err == nil {
		a.changedToken(id)
		a.record(ctx, "access: a token was revoked", p, "token", id)
	}
	return err
}
