package main

import (
	"context"
	"errors"

	"grapevine"
	"grapevine/access"
)

type userCommand struct {
	Invite userInviteCommand `cmd:"" help:"Print a link that makes a user, or gives a role to one. It works for 7 days, once."`
	Reset  userResetCommand  `cmd:"" help:"Print a link with which a user sets a new password. It works for an hour, once, and ends all sessions of the user."`
}

type userInviteCommand struct {
	linkCommand `embed:""`
	Email       string `arg:"" help:"E-mail address of the person. The link is not sent; give it to the person."`
	Admin       bool   `help:"Make the person an admin of the instance."`
	Workspace   string `help:"Workspace in which the person gets a role."`
	Role        string `default:"" enum:",viewer,editor,admin" help:"Role in the workspace: viewer, editor or admin."`
}

// Run prints the link of an invitation.
func (c *userInviteCommand) Run(ctx context.Context) error {
	offer := access.Offer{Email: c.Email, Admin: c.Admin}
	switch {
	case (c.Workspace == "") != (c.Role == ""):
		return argumentError{errors.New("--workspace and --role belong together: give both, or neither")}
	case c.Workspace == "" && !c.Admin:
		return argumentError{errors.New("the invitation gives nothing: add --admin, or --workspace with --role")}
	case c.Workspace != "":
		offer.Memberships = []access.Membership{{Workspace: c.Workspace, Role: grapevine.Role(c.Role)}}
	}
	return c.print(ctx, func(a *access.Access) (access.Link, error) { return a.Invite(ctx, access.CommandLine, offer) })
}

type userResetCommand struct {
	linkCommand `embed:""`
	Email       string `arg:"" help:"E-mail address of the user."`
}

// Run prints the link of a reset.
func (c *userResetCommand) Run(ctx context.Context) error {
	return c.print(ctx, func(a *access.Access) (access.Link, error) {
		user, err := a.UserByEmail(ctx, c.Email)
		if err != nil {
			return access.Link{}, err
		}
		return a.Reset(ctx, access.CommandLine, access.Offer{User: user.ID})
	})
}
