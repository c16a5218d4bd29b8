package access

import (
	"context"
	"errors"
	"net/netip"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Acceptance is what a person sends from the page of a link.
type Acceptance struct {
	Secret   string
	Name     string // of a new user
	Password string // of a new user, or of a reset
	Email    string // of the first user, see [Access.SetUp]
}

// gone is the answer to every link that does nothing: also to one that never was, because a void one is deleted.
func gone() error {
	return refuse(grapevine.Gone, "This link was used, replaced by a newer one, or is over. Ask for a new one.")
}

// Accept uses the link of an invitation or a reset, once. signedIn is who asks; nobody is fine. Where the e-mail address
// of an invitation has a user, it is Unauthorized until that user has signed in, and then gives the memberships: whoever
// has the link sets no password, name or e-mail address of a user who exists. It is Gone for a link that was used or is
// void, and if whoever made it is gone, or may not give that any more. A refusal does not use the link up.
func (a *Access) Accept(ctx context.Context, in Acceptance, signedIn *grapevine.Principal, address netip.Addr, browser string) (SignedIn, error) {
	i, err := a.openInvitation(ctx, in.Secret)
	if err != nil {
		return SignedIn{}, err
	}
	v := visitor{signedIn, address, browser}
	switch i.Kind {
	case KindInvite:
		return a.acceptInvite(ctx, &i, in, v)
	case KindReset:
		return a.acceptReset(ctx, &i, in, v)
	case KindSetup: // see SetUp
	}
	return SignedIn{}, gone()
}

// visitor is who opened a link, and from where.
type visitor struct {
	signedIn *grapevine.Principal
	address  netip.Addr
	browser  string
}

// openInvitation looks at a link without using it. It comes before the hash of a password, so that strangers cause none.
func (a *Access) openInvitation(ctx context.Context, secret string) (i Invitation, err error) {
	err = call(ctx, "read the invitation", func(ctx context.Context) error {
		raw, err := a.invitations.FindOne(ctx, byID(hashSecret(secret))).Raw()
		if err == nil {
			i, err = decodeInvitation(raw)
		}
		if isAbsent(err) || errors.Is(err, errUnfit) || err == nil && (i.UsedAt != nil || !i.ExpiresAt.After(a.now())) {
			return gone()
		}
		return err
	})
	return i, err
}

// use uses the link up, if it is still open and whoever made it may still give what it gives. It is part of the
// transaction that gives it.
func (a *Access) use(ctx context.Context, i *Invitation) error {
	now := a.now()
	err := a.invitations.FindOneAndUpdate(ctx, bson.D{
		{Key: "_id", Value: i.Hash}, {Key: "usedAt", Value: nil}, {Key: "expiresAt", Value: bson.D{{Key: "$gt", Value: now}}},
	}, bson.D{{Key: "$set", Value: bson.D{{Key: "usedAt", Value: now}}}}).Err()
	if isAbsent(err) {
		return gone()
	}
	if err != nil {
		return err
	}
	return a.checkMaker(ctx, i)
}

// checkMaker is Gone if whoever made the link may not give any more what it gives. It comes before the hash of a password too, because
// such a link is never used up.
func (a *Access) checkMaker(ctx context.Context, i *Invitation) error {
	if i.By == nil {
		return nil
	}
	maker, err := a.findUser(ctx, byID(*i.By))
	if isAbsent(err) || errors.Is(err, errUnfit) || err == nil && maker.Disabled {
		return gone()
	}
	if err != nil {
		return err
	}
	may := actor{maker}.requireAdmin()
	if i.Kind == KindInvite {
		may = actor{maker}.mayGive(i.Memberships, i.Admin)
	}
	if may != nil {
		return gone()
	}
	return nil
}

func (a *Access) acceptInvite(ctx context.Context, i *Invitation, in Acceptance, v visitor) (SignedIn, error) {
	var known *User
	err := call(ctx, "find the user", func(ctx context.Context) (err error) {
		known, err = a.findUser(ctx, bson.D{{Key: "email", Value: i.Email}})
		if isAbsent(err) {
			err = nil
		}
		if errors.Is(err, errUnfit) {
			err = signInFirst()
		}
		return err
	})
	switch {
	case err != nil:
		return SignedIn{}, err
	case known != nil:
		return a.acceptAsUser(ctx, i, known, v)
	}
	return a.acceptAsNewUser(ctx, i, in, v)
}

func signInFirst() error {
	return refuse(grapevine.Unauthorized, "This e-mail address has an account here. Sign in with it, and open the link again.")
}

func (a *Access) acceptAsNewUser(ctx context.Context, i *Invitation, in Acceptance, v visitor) (SignedIn, error) {
	err := call(ctx, "find whoever made the link", func(ctx context.Context) error { return a.checkMaker(ctx, i) })
	if err != nil {
		return SignedIn{}, err
	}
	u, err := a.newUser(ctx, i.Hash, i.Email, in.Name, in.Password)
	if err != nil {
		return SignedIn{}, err
	}
	u.Memberships, u.Admin = i.Memberships, i.Admin
	var signed SignedIn
	err = a.transact(ctx, "accept the invitation", func(ctx context.Context) error {
		if err := a.use(ctx, i); err != nil {
			return err
		}
		switch err := a.insertUser(ctx, u); {
		case isDuplicate(err): // somebody was faster
			return signInFirst()
		case err != nil:
			return err
		}
		signed, err = a.newSession(ctx, u, v.address, v.browser)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	a.record(ctx, "access: an invitation was accepted by a new user", signed.Principal, "invitation", i.ID, "admin", u.Admin)
	return signed, nil
}

// acceptAsUser gives memberships to the person who is signed in, whose session goes on. It never lowers a role.
func (a *Access) acceptAsUser(ctx context.Context, i *Invitation, known *User, v visitor) (SignedIn, error) {
	id, err := person(v.signedIn)
	switch {
	case grapevine.ErrorCode(err) == grapevine.Unauthorized:
		return SignedIn{}, signInFirst()
	case err != nil:
		return SignedIn{}, err
	case id != known.ID:
		return SignedIn{}, forbidden("This invitation is for somebody else. Sign out, sign in with the e-mail address that was invited, and open the link again.")
	}
	var signed SignedIn
	err = a.transact(ctx, "accept the invitation", func(ctx context.Context) error {
		if err := a.use(ctx, i); err != nil {
			return err
		}
		who, err := a.actorOf(ctx, v.signedIn)
		if err != nil {
			return err
		}
		if err := a.give(ctx, who.user, i); err != nil {
			return err
		}
		u, err := a.findUser(ctx, byID(id))
		if err != nil {
			return err
		}
		p := *v.signedIn
		p.Name, p.Email, p.Admin, p.Roles = u.Name, u.Email, u.Admin, u.Roles()
		signed = SignedIn{ExpiresAt: p.Until, Principal: &p}
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	a.changedUser(signed.Principal.User)
	a.record(ctx, "access: an invitation was accepted", signed.Principal, "invitation", i.ID, "admin", i.Admin)
	return signed, nil
}

// give adds what the invitation offers beyond what the user has.
func (a *Access) give(ctx context.Context, u *User, i *Invitation) error {
	roles := u.Roles()
	for _, m := range i.Memberships {
		if roles[m.Workspace].Includes(m.Role) {
			continue
		}
		if err := a.setRole(ctx, u, m); err != nil {
			return err
		}
	}
	if !i.Admin || u.Admin {
		return nil
	}
	_, err := a.users.UpdateOne(ctx, byID(u.ID), bson.D{{Key: "$set", Value: bson.D{{Key: "admin", Value: true}}}})
	return err
}

// acceptReset sets the password and ends all sessions. A disabled user stays disabled, and keeps his link until somebody
// enables him.
func (a *Access) acceptReset(ctx context.Context, i *Invitation, in Acceptance, v visitor) (SignedIn, error) {
	var signed SignedIn
	var u *User
	err := call(ctx, "find the user", func(ctx context.Context) error { // before the hash, as checkMaker
		if err := a.checkMaker(ctx, i); err != nil {
			return err
		}
		_, err := a.userOfReset(ctx, i)
		return err
	})
	if err != nil {
		return signed, err
	}
	phc, err := a.newPassword(ctx, i.Hash, in.Password, i.Email)
	if err != nil {
		return signed, err
	}
	err = a.transact(ctx, "reset the password", func(ctx context.Context) error {
		if err := a.use(ctx, i); err != nil {
			return err
		}
		var err error
		if u, err = a.userOfReset(ctx, i); err != nil {
			return err
		}
		u.Password = phc
		if _, err := a.users.UpdateOne(ctx, byID(u.ID), bson.D{{Key: "$set", Value: bson.D{{Key: "password", Value: phc}}}}); err != nil {
			return err
		}
		if err := a.deleteSessions(ctx, bson.D{{Key: "user", Value: u.ID}}); err != nil {
			return err
		}
		signed, err = a.newSession(ctx, u, v.address, v.browser)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	a.changedUser(u.ID.Hex())
	a.record(ctx, "access: a password was reset", signed.Principal, "invitation", i.ID)
	return signed, nil
}

// userOfReset is the user whose password a link sets.
func (a *Access) userOfReset(ctx context.Context, i *Invitation) (*User, error) {
	u, err := a.findUser(ctx, byID(*i.User))
	switch {
	case isAbsent(err), errors.Is(err, errUnfit):
		return nil, gone()
	case err != nil:
		return nil, err
	case u.Disabled:
		return nil, forbidden("This account is disabled. Ask an admin of the instance to enable it, and open the link again.")
	}
	return u, nil
}
