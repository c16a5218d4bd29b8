package access

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Member is a user with a role in a workspace.
type Member struct {
	ID       string         `json:"id"` // of the user
	Email    string         `json:"email"`
	Name     string         `json:"name"`
	Role     grapevine.Role `json:"role"`
	Disabled bool           `json:"disabled"`
}

func (u *User) member(workspace string) Member {
	return Member{ID: u.ID.Hex(), Email: u.Email, Name: u.Name, Role: u.Roles()[workspace], Disabled: u.Disabled}
}

// Members are the users with a role in the workspace, by e-mail address. Admins of the instance without a role of their
// own in it are not among them.
func (a *Access) Members(ctx context.Context, workspace string) (members []Member, err error) {
	err = call(ctx, "list the members", func(ctx context.Context) error {
		cursor, err := a.users.Find(ctx, bson.D{{Key: "memberships.workspace", Value: workspace}}, options.Find().SetSort(bson.D{{Key: "email", Value: 1}}))
		if err != nil {
			return err
		}
		users, err := fitting(ctx, cursor, decodeUser)
		members = make([]Member, 0, len(users))
		for _, u := range users {
			members = append(members, u.member(workspace))
		}
		return err
	})
	return members, err
}

// SetMember gives a user a role in a workspace. It needs an admin there. A user who is no member yet is NotFound, except
// for an admin of the instance: others invite people, because a member shows his name and e-mail address.
func (a *Access) SetMember(ctx context.Context, by *grapevine.Principal, workspace, user string, role grapevine.Role) (Member, error) {
	if !role.IsValid() {
		return Member{}, invalid("role", "must be viewer, editor or admin")
	}
	if !grapevine.ValidWorkspace(workspace) {
		return Member{}, noMember(workspace)
	}
	var member Member
	err := a.transact(ctx, "set the role of the member", func(ctx context.Context) error {
		who, u, err := a.managed(ctx, by, workspace, user)
		if err != nil {
			return err
		}
		if _, known := u.Roles()[workspace]; !known && !who.isAdmin() {
			return noMember(workspace)
		}
		member = Member{ID: u.ID.Hex(), Email: u.Email, Name: u.Name, Role: role, Disabled: u.Disabled}
		return a.setRole(ctx, u, Membership{workspace, role})
	})
	if err == nil {
		a.changedUser(user)
		a.record(ctx, "access: a role was given", by, "user", user, "workspace", workspace, "role", role)
	}
	return member, err
}

// managed is the actor, who manages the workspace, and the user whom he wants to change there.
func (a *Access) managed(ctx context.Context, by *grapevine.Principal, workspace, user string) (who actor, u *User, err error) {
	if who, err = a.actorOf(ctx, by); err != nil {
		return who, nil, err
	}
	if err = who.requireManager(workspace); err != nil {
		return who, nil, err
	}
	id, err := userID(user)
	if err != nil {
		return who, nil, noMember(workspace)
	}
	u, err = a.target(ctx, byID(id))
	if grapevine.ErrorCode(err) == grapevine.NotFound {
		err = noMember(workspace)
	}
	return who, u, err
}

// setRole changes the one element of the memberships, or adds it, so that two changes of different workspaces never
// overwrite each other.
func (a *Access) setRole(ctx context.Context, u *User, m Membership) error {
	if _, known := u.Roles()[m.Workspace]; !known {
		_, err := a.users.UpdateOne(ctx, byID(u.ID), bson.D{{Key: "$push", Value: bson.D{{Key: "memberships", Value: m}}}})
		return err
	}
	_, err := a.users.UpdateOne(ctx, byID(u.ID), bson.D{{Key: "$set", Value: bson.D{{Key: "memberships.$[here].role", Value: m.Role}}}},
		options.UpdateOne().SetArrayFilters([]any{bson.D{{Key: "here.workspace", Value: m.Workspace}}}))
	return err
}

// RemoveMember takes away the role in a workspace. It needs an admin there, and may take the last one: the admins of the
// instance remain.
func (a *Access) RemoveMember(ctx context.Context, by *grapevine.Principal, workspace, user string) error {
	err := a.transact(ctx, "remove the member", func(ctx context.Context) error {
		_, u, err := a.managed(ctx, by, workspace, user)
		if err != nil {
			return err
		}
		result, err := a.users.UpdateOne(ctx, bson.D{{Key: "_id", Value: u.ID}, {Key: "memberships.workspace", Value: workspace}},
			bson.D{{Key: "$pull", Value: bson.D{{Key: "memberships", Value: bson.D{{Key: "workspace", Value: workspace}}}}}})
		if err == nil && result.MatchedCount == 0 {
			err = noMember(workspace)
		}
		return err
	})
	if err == nil {
		a.changedUser(user)
		a.record(ctx, "access: a member was removed", by, "user", user, "workspace", workspace)
	}
	return err
}

func noMember(workspace string) error {
	return refuse(grapevine.NotFound, fmt.Sprintf("There is no such member of the workspace %.63s.", workspace))
}
