package access

import (
	"context"
	"net/netip"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/access/password"
)

// ChangePassword sets a new password of the person who is signed in. All sessions of the user end, here and by their stamp, and the
// browser that changed it goes on with a new secret. It is Invalid, and names the field current or new, for a wrong current password and
// for a new one that breaks the rules.
func (a *Access) ChangePassword(ctx context.Context, p *grapevine.Principal, current, next string, address netip.Addr, browser string) (SignedIn, error) {
	u, err := a.ownUser(ctx, p)
	if err != nil {
		return SignedIn{}, err
	}
	if err := checkPassword("/new", next, u.Email); err != nil {
		return SignedIn{}, err
	}
	// A counter of its own: whoever found an open page does not lock its owner out of the sign-in. A right password counts too,
	// because each change costs two hashes.
	place, err := a.attempts.TakeKnown(ctx, "change "+u.ID.Hex())
	if err != nil {
		return SignedIn{}, err
	}
	right, err := a.passwords.Verify(ctx, password.Visitor{Address: address, Known: u.ID.Hex()}, u.Password, current)
	switch {
	case grapevine.ErrorCode(err) == grapevine.TooMany:
		place.GiveBack(ctx)
		return SignedIn{}, err
	case err != nil:
		a.cfg.Logger.Warn("a user cannot change the password", "user", p.User, "err", err)
	}
	if !right {
		a.cfg.Logger.Info("refused a change of the password", "user", p.User, "address", addressText(address))
		return SignedIn{}, invalid("current", "is not your password")
	}
	phc, err := a.passwords.Hash(ctx, u.ID.Hex(), next)
	if err != nil {
		return SignedIn{}, err
	}
	return a.replacePassword(ctx, u, phc, address, browser)
}

// ownUser is the user of a session, as MongoDB has it now.
func (a *Access) ownUser(ctx context.Context, p *grapevine.Principal) (*User, error) {
	if p.IsNobody() || p.Kind != grapevine.ByUser || p.Session == "" {
		return nil, forbidden("Only a person who is signed in has a password. A token never manages passwords.")
	}
	id, err := bson.ObjectIDFromHex(p.User)
	if err != nil {
		return nil, err
	}
	u, err := a.userOrNone(ctx, byID(id))
	switch {
	case err != nil:
		return nil, err
	case u == nil || u.Disabled:
		return nil, refuse(grapevine.Unauthorized, "Sign in again.")
	case u.Password == "":
		return nil, forbidden("You sign in without a password. Ask an admin of the instance for a reset link if you want one.")
	}
	return u, nil
}

// replacePassword sets a password if it is still the one that was looked at, ends the sessions and begins one, all or nothing.
func (a *Access) replacePassword(ctx context.Context, u *User, phc string, address netip.Addr, browser string) (signed SignedIn, err error) {
	err = a.transact(ctx, "change the password", func(ctx context.Context) error {
		changed, err := a.users.UpdateOne(ctx, bson.D{{Key: "_id", Value: u.ID}, {Key: "password", Value: u.Password}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "password", Value: phc}}}})
		if err != nil {
			return err
		}
		if changed.MatchedCount == 0 {
			return refuse(grapevine.Conflict, "The password was changed in the meantime. Sign in again.")
		}
		if _, err := a.sessions.DeleteMany(ctx, bson.D{{Key: "user", Value: u.ID}}); err != nil {
			return err
		}
		now := *u
		now.Password = phc
		signed, err = a.newSession(ctx, &now, address, browser)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	a.changedUser(u.ID.Hex())
	a.cfg.Logger.Info("changed the password", "user", u.ID.Hex())
	return signed, nil
}
