package access

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// isUsableAdmin reports an admin of the instance who can sign in.
func (u *User) isUsableAdmin() bool {
	return u.Admin && !u.Disabled && (u.Password != "" || u.OIDC != nil)
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
	left, err := a.users.CountDocuments(ctx, bson.D{
		{Key: "admin", Value: true},
		{Key: "_id", Value: bson.D{{Key: "$ne", Value: user}}},
		{Key: "disabled", Value: bson.D{{Key: "$ne", Value: true}}},
		{Key: "$or", Value: bson.A{
			bson.D{{Key: "password", Value: bson.D{{Key: "$gt", Value: ""}}}},
			bson.D{{Key: "oidc.subject", Value: bson.D{{Key: "$gt", Value: ""}}}},
		}},
	}, options.Count().SetLimit(1))
	if err != nil {
		return err
	}
	if left == 0 {
		return refuse(grapevine.Conflict, "This is the last admin of the instance who can sign in. Make somebody else an admin first.")
	}
	return nil
}
