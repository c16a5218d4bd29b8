package access

import (
	"context"
	"net/netip"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// sameStart is how long after the link of a first start another instance makes none. Instances that start together make
// one link together. One that starts again later makes a new one, because nobody keeps the secret of the old one.
const sameStart = time.Minute

// newUser is a user with a password who is not stored yet. It judges the name and the password. link is what gives the right to make
// the user.
func (a *Access) newUser(ctx context.Context, link, email, name, password string) (*User, error) {
	name, err := cleanName(name)
	if err != nil {
		return nil, err
	}
	phc, err := a.newPassword(ctx, link, password, email)
	if err != nil {
		return nil, err
	}
	return &User{ID: bson.NewObjectID(), Email: email, Name: name, Password: phc, Memberships: []Membership{}, CreatedAt: a.now()}, nil
}

// insertUser stores a user in a transaction, and records that there has been one.
func (a *Access) insertUser(ctx context.Context, u *User) error {
	if _, err := a.users.InsertOne(ctx, u); err != nil {
		return err
	}
	installed, err := a.isInstalled(ctx)
	if err != nil || installed {
		return err
	}
	return a.recordInstalled(ctx)
}

func (a *Access) isInstalled(ctx context.Context) (bool, error) {
	err := a.control.FindOne(ctx, byID(grapevine.ControlInstalled)).Err()
	if isAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

func (a *Access) recordInstalled(ctx context.Context) error {
	_, err := a.control.InsertOne(ctx, bson.D{{Key: "_id", Value: grapevine.ControlInstalled}, {Key: "at", Value: a.now()}})
	return err
}

func (a *Access) hasUsers(ctx context.Context) (bool, error) {
	err := a.users.FindOne(ctx, bson.D{}).Err()
	if isAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// FirstLink makes the link with which the first user sets the instance up. It returns nil if there is or was a user, or
// if another instance made a link just now. It voids a link of an earlier start.
func (a *Access) FirstLink(ctx context.Context) (*Link, error) {
	var link *Link
	err := a.transact(ctx, "make the set-up link", func(ctx context.Context) (err error) {
		link, err = a.firstLink(ctx)
		return err
	})
	if isDuplicate(err) { // another instance was faster
		return nil, nil
	}
	return link, err
}

func (a *Access) firstLink(ctx context.Context) (*Link, error) {
	if begun, err := a.hasBegun(ctx); begun || err != nil {
		return nil, err
	}
	setup := bson.D{{Key: "kind", Value: KindSetup}}
	raw, err := a.invitations.FindOne(ctx, setup).Raw()
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	if open, unfit := decodeInvitation(raw); err == nil && unfit == nil && a.now().Sub(open.CreatedAt) < sameStart {
		return nil, nil
	}
	if _, err := a.invitations.DeleteMany(ctx, setup); err != nil {
		return nil, err
	}
	link, err := a.insertInvitation(ctx, Invitation{Kind: KindSetup, Admin: true})
	if err != nil {
		return nil, err
	}
	return &link, nil
}

// hasBegun reports whether there is or was a user.
func (a *Access) hasBegun(ctx context.Context) (bool, error) {
	installed, err := a.isInstalled(ctx)
	if installed || err != nil {
		return installed, err
	}
	return a.hasUsers(ctx)
}

// SetUp uses the set-up link: it makes the first user, who is an admin of the instance, and signs him in. It is Gone once
// there is or was a user, however that one came to be.
func (a *Access) SetUp(ctx context.Context, in Acceptance, address netip.Addr, browser string) (SignedIn, error) {
	i, err := a.openInvitation(ctx, in.Secret)
	if err == nil && i.Kind != KindSetup {
		err = gone()
	}
	if err == nil { // before the hash: this link is never used up once there is a user
		err = call(ctx, "look for users", a.requireNoUser)
	}
	if err != nil {
		return SignedIn{}, err
	}
	email, err := NormalizeEmail(in.Email)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := a.newUser(ctx, i.Hash, email, in.Name, in.Password)
	if err != nil {
		return SignedIn{}, err
	}
	u.Admin = true
	var signed SignedIn
	err = a.transact(ctx, "set up", func(ctx context.Context) error {
		if err := a.use(ctx, &i); err != nil {
			return err
		}
		if err := a.requireNoUser(ctx); err != nil {
			return err
		}
		if err := a.insertUser(ctx, u); err != nil {
			return err
		}
		signed, err = a.newSession(ctx, u, address, browser)
		return err
	})
	if isDuplicate(err) {
		err = gone()
	}
	if err != nil {
		return SignedIn{}, err
	}
	a.record(ctx, "access: the first user was made with the set-up link", signed.Principal)
	return signed, nil
}

// requireNoUser is Gone once there is or was a user.
func (a *Access) requireNoUser(ctx context.Context) error {
	begun, err := a.hasBegun(ctx)
	if begun {
		return gone()
	}
	return err
}

// EnsureAdmin makes an admin of the instance with this e-mail address and password, unless a user has the address: it
// changes none. made reports whether it did.
func (a *Access) EnsureAdmin(ctx context.Context, email, name, password string) (made bool, err error) {
	email, err = NormalizeEmail(email)
	if err != nil {
		return false, err
	}
	find := func(ctx context.Context) error {
		return a.users.FindOne(ctx, bson.D{{Key: "email", Value: email}}).Err()
	}
	switch err := call(ctx, "find the admin", find); {
	case err == nil:
		return false, nil
	case !isAbsent(err):
		return false, err
	}
	u, err := a.newUser(ctx, "settings", email, name, password)
	if err != nil {
		return false, err
	}
	u.Admin = true
	err = a.transact(ctx, "make the admin", func(ctx context.Context) error { return a.insertUser(ctx, u) })
	if isDuplicate(err) { // another instance was faster
		return false, nil
	}
	if err == nil {
		a.record(ctx, "access: the admin of the settings was made", CommandLine, "user", u.ID.Hex())
	}
	return err == nil, err
}
