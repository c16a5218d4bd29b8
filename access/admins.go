package access

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/access/password"
)

// isUsableAdmin reports an admin of the instance who can sign in here and now: by a hash that can be read, or at the provider of the settings.
func (a *Access) isUsableAdmin(u *User) bool {
	bySSO := a.cfg.Issuer != "" && u.OIDC != nil && u.OIDC.Issuer == a.cfg.Issuer
	return u.Admin && !u.Disabled && (bySSO || password.IsHash(u.Password))
}

// keepAnAdmin is part of every transaction that takes away the user as an admin of the instance. It is a Conflict if no
// other admin who can sign in would be left. All these transactions write the same document, so two of them never run side
// by side, each counting on the admin that the other one takes away.
func (a *Access) keepAnAdmin(ctx context.Context, user bson.ObjectID) error {
	_, err := a.control.UpdateOne(ctx, byID(grapevine.ControlAdmins),
		bson.D{{Key: "$inc", Value: bson.D{{Key: "count", Value: int64(1)}}}}, options.UpdateOne().SetUpsert(true))
	if err != nil {
		return err
	}
	cursor, err := a.users.Find(ctx, bson.D{{Key: "admin", Value: true}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: user}}}})
	if err != nil {
		return err
	}
	others, err := fitting(ctx, cursor, decodeUser)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(others, func(u User) bool { return a.isUsableAdmin(&u) }) {
		return refuse(grapevine.Conflict, "This is the last admin of the instance who can sign in. Make somebody else an admin first.")
	}
	return nil
}
