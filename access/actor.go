package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// CommandLine is who manages by the command line. It may do everything, because whoever runs it has the password of
// MongoDB.
var CommandLine = &grapevine.Principal{Kind: grapevine.ByUnknown, ID: "command-line", Name: "the command line", Admin: true}

// actor is who changes users, members, tokens or invitations, as MongoDB has that user at this moment. What a principal
// says may be two seconds old, and whoever lost a right meanwhile must not pass it on.
type actor struct {
	user *User // nil: the command line
}

// person is the id of a user who is signed in. It is the one place that keeps programs out: a token manages nothing.
func person(p *grapevine.Principal) (id bson.ObjectID, err error) {
	switch {
	case p.IsNobody():
		return id, refuse(grapevine.Unauthorized, "Sign in first.")
	case p.Kind == grapevine.ByToken:
		return id, forbidden("A token manages no users, members, invitations, tokens, sessions or passwords: this needs a person who is signed in.")
	case p.Kind != grapevine.ByUser:
		return id, forbidden("This needs a person who is signed in.")
	case p.Unproven:
		return id, refuse(grapevine.Unavailable, "MongoDB does not answer at present")
	}
	if id, err = bson.ObjectIDFromHex(p.User); err != nil {
		return id, fmt.Errorf("the principal has no id of a user: %w", err)
	}
	return id, nil
}

// actorOf reads who p is at this moment. Errors of MongoDB stay as they are, for a transaction.
func (a *Access) actorOf(ctx context.Context, p *grapevine.Principal) (actor, error) {
	if p == CommandLine {
		return actor{}, nil
	}
	id, err := person(p)
	if err != nil {
		return actor{}, err
	}
	u, err := a.findUser(ctx, byID(id))
	switch {
	case isAbsent(err), errors.Is(err, errUnfit), err == nil && u.Disabled:
		return actor{}, refuse(grapevine.Unauthorized, "Your account is gone or disabled.")
	case err != nil:
		return actor{}, err
	}
	return actor{u}, nil
}

// findUser returns [mongo.ErrNoDocuments] for none, and errUnfit for one that does not fit.
func (a *Access) findUser(ctx context.Context, filter bson.D) (*User, error) {
	raw, err := a.users.FindOne(ctx, filter).Raw()
	if err != nil {
		return nil, err
	}
	u, err := decodeUser(raw)
	if err != nil {
		return nil, err
	}
	return &u, nil
}

func (c actor) isAdmin() bool { return c.user == nil || c.user.Admin }

func (c actor) id() *bson.ObjectID {
	if c.user == nil {
		return nil
	}
	return &c.user.ID
}

// manages reports whether the actor is an admin of the workspace.
func (c actor) manages(workspace string) bool {
	return c.isAdmin() || c.user.Roles()[workspace] == grapevine.Admin
}

func (c actor) requireAdmin() error {
	if c.isAdmin() {
		return nil
	}
	return forbidden("This needs an admin of the instance.")
}

func (c actor) requireManager(workspace string) error {
	if c.manages(workspace) {
		return nil
	}
	return forbidden(fmt.Sprintf("This needs the role admin in the workspace %s.", workspace))
}

// mayGive refuses what the actor does not have. A workspace that nobody named yet has no admin of its own, so only an
// admin of the instance names it.
func (c actor) mayGive(memberships []Membership, admin bool) error {
	if admin || len(memberships) == 0 {
		return c.requireAdmin()
	}
	for _, m := range memberships {
		if err := c.requireManager(m.Workspace); err != nil {
			return err
		}
	}
	return nil
}

// record writes what was done to the log, with ids only.
func (a *Access) record(ctx context.Context, what string, by *grapevine.Principal, attrs ...any) {
	a.cfg.Logger.Log(ctx, slog.LevelInfo, what, append([]any{"by", by.ID}, attrs...)...)
}
