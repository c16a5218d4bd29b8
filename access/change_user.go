package access

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// UserPatch is a change of a user. nil leaves a field as it is.
type UserPatch struct {
	Name     *string `json:"name,omitempty"`
	Email    *string `json:"email,omitempty"`
	Admin    *bool   `json:"admin,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
	SSO      *bool   `json:"sso,omitempty"` // false takes the link to the provider of single sign-on away
}

// normalize judges the texts.
func (c *UserPatch) normalize() error {
	if c.Name != nil {
		name, err := cleanName(*c.Name)
		if err != nil {
			return err
		}
		c.Name = &name
	}
	if c.Email != nil {
		email, err := NormalizeEmail(*c.Email)
		if err != nil {
			return err
		}
		c.Email = &email
	}
	if c.SSO != nil && *c.SSO {
		return invalid("sso", "can only be false, which takes the link away; people link their accounts by a single sign-on")
	}
	return nil
}

// isOwnName reports a change that people make of themselves.
func (c UserPatch) isOwnName(by *grapevine.Principal, id bson.ObjectID) bool {
	return by != CommandLine && by.User == id.Hex() && c.Email == nil && c.Admin == nil && c.Disabled == nil && c.SSO == nil
}

// takesAdmin reports whether the change takes away an admin who can sign in.
func (a *Access) takesAdmin(c UserPatch, u *User) bool {
	after := *u
	if c.Admin != nil {
		after.Admin = *c.Admin
	}
	if c.Disabled != nil {
		after.Disabled = *c.Disabled
	}
	if c.SSO != nil {
		after.OIDC = nil
	}
	return a.isUsableAdmin(u) && !a.isUsableAdmin(&after)
}

// endsSessions reports whether the change ends the sessions of the user: he is disabled, or whoever came in by the link is out.
func (c UserPatch) endsSessions(u *User) bool {
	return c.Disabled != nil && *c.Disabled || c.SSO != nil && u.OIDC != nil
}

// update is the change of the document. What ends the sessions also raises the epoch: a sign-in that is under way at that moment then
// has no session left, when the user is enabled again either.
func (c UserPatch) update(u *User) bson.D {
	set, update := bson.D{}, bson.D{}
	if c.Name != nil {
		set = append(set, bson.E{Key: "name", Value: *c.Name})
	}
	if c.Email != nil {
		set = append(set, bson.E{Key: "email", Value: *c.Email})
	}
	if c.Admin != nil {
		set = append(set, bson.E{Key: "admin", Value: *c.Admin})
	}
	if c.Disabled != nil {
		set = append(set, bson.E{Key: "disabled", Value: *c.Disabled})
	}
	unlinks := c.SSO != nil && u.OIDC != nil
	if unlinks {
		update = append(update, bson.E{Key: "$unset", Value: bson.D{{Key: "oidc", Value: ""}}})
	}
	if unlinks || c.Disabled != nil && *c.Disabled && !u.Disabled {
		update = append(update, bson.E{Key: "$inc", Value: bson.D{{Key: "epoch", Value: int64(1)}}})
	}
	if len(set) > 0 {
		update = append(update, bson.E{Key: "$set", Value: set})
	}
	return update
}

// PatchUser changes a user. Everybody may change his own name; all else is for admins of the instance. Disabling and taking the
// link to the provider of single sign-on away end the sessions. It is a Conflict if another user has the e-mail address, or if no admin would be left.
func (a *Access) PatchUser(ctx context.Context, by *grapevine.Principal, id string, change UserPatch) (UserInfo, error) {
	target, err := a.mayChange(by, id, change)
	if err == nil {
		err = change.normalize()
	}
	if err != nil {
		return UserInfo{}, err
	}
	var info UserInfo
	err = a.transact(ctx, "change the user", func(ctx context.Context) error {
		info, err = a.patchUser(ctx, by, target, change)
		return err
	})
	if err == nil {
		a.changedUser(info.ID)
	}
	if err == nil && (change.Admin != nil || change.Disabled != nil || change.Email != nil || change.SSO != nil) {
		a.record(ctx, "access: a user was changed", by, "user", info.ID, "admin", info.Admin, "disabled", info.Disabled, "sso", info.SSO)
	}
	return info, err
}

// mayChange judges by what the principal says. The transaction judges again, after it has kept the last admin: of two
// admins who demote each other, the slower one hears of the conflict and not of the right that he just lost.
func (a *Access) mayChange(by *grapevine.Principal, id string, change UserPatch) (bson.ObjectID, error) {
	target, err := userID(id)
	if by == CommandLine {
		return target, err
	}
	if _, denied := person(by); denied != nil {
		return target, denied
	}
	if err == nil && !by.Admin && !change.isOwnName(by, target) {
		err = actor{&User{}}.requireAdmin()
	}
	return target, err
}

func (a *Access) patchUser(ctx context.Context, by *grapevine.Principal, id bson.ObjectID, change UserPatch) (UserInfo, error) {
	u, err := a.target(ctx, byID(id))
	if err != nil {
		return UserInfo{}, err
	}
	if a.takesAdmin(change, u) {
		if err := a.keepAnAdmin(ctx, id); err != nil {
			return UserInfo{}, err
		}
	}
	who, err := a.actorOf(ctx, by)
	if err == nil && !change.isOwnName(by, id) {
		err = who.requireAdmin()
	}
	update := change.update(u)
	if err != nil || len(update) == 0 {
		return u.info(), err
	}
	raw, err := a.users.FindOneAndUpdate(ctx, byID(id), update, options.FindOneAndUpdate().SetReturnDocument(options.After)).Raw()
	if isDuplicate(err) {
		return UserInfo{}, &grapevine.Error{
			Code: grapevine.Conflict, Message: "Another user has this e-mail address.",
			Fields: []grapevine.FieldError{{Pointer: "/email", Detail: "belongs to another user"}},
		}
	}
	if err == nil && change.endsSessions(u) {
		err = a.deleteSessions(ctx, bson.D{{Key: "user", Value: id}})
	}
	return infoOf(raw), err
}

// DeleteUser deletes a user with his sessions and tokens, and voids the invitations to him and by him.
func (a *Access) DeleteUser(ctx context.Context, by *grapevine.Principal, id string) error {
	target, err := a.mayChange(by, id, UserPatch{Admin: new(bool)})
	if err != nil {
		return err
	}
	err = a.transact(ctx, "delete the user", func(ctx context.Context) error { return a.deleteUser(ctx, by, target) })
	if err == nil {
		a.changedUser(id)
		a.record(ctx, "access: a user was deleted", by, "user", id)
	}
	return err
}

func (a *Access) deleteUser(ctx context.Context, by *grapevine.Principal, id bson.ObjectID) error {
	raw, err := a.users.FindOne(ctx, byID(id)).Raw()
	if isAbsent(err) {
		return noUser()
	}
	if err != nil {
		return err
	}
	if u, unfit := decodeUser(raw); unfit == nil && a.isUsableAdmin(&u) {
		if err := a.keepAnAdmin(ctx, id); err != nil {
			return err
		}
	}
	who, err := a.actorOf(ctx, by)
	if err == nil {
		err = who.requireAdmin()
	}
	if err != nil {
		return err
	}
	if _, err := a.users.DeleteOne(ctx, byID(id)); err != nil {
		return err
	}
	if err := a.deleteSessions(ctx, bson.D{{Key: "user", Value: id}}); err != nil {
		return err
	}
	if _, err := a.tokens.DeleteMany(ctx, bson.D{{Key: "user", Value: id}}); err != nil {
		return err
	}
	email, _ := raw.Lookup("email").StringValueOK()
	_, err = a.invitations.DeleteMany(ctx, bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "user", Value: id}}, bson.D{{Key: "by", Value: id}}, bson.D{{Key: "email", Value: email}},
	}}})
	return err
}
