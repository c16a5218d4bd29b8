package access

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// Identity is whom a provider of single sign-on named.
type Identity struct {
	OIDCLink
	Email    string
	Verified bool // the provider says that the e-mail address is this person's
	Name     string
}

// oidcStateShape is that of the states of single sign-ons that came back. Each comes back once.
var oidcStateShape = shape{
	{name: "_id", required: true, types: aText, rules: pattern(hashPattern)},
	{name: "expiresAt", required: true, types: aDate},
}

// UseState uses the state of a single sign-on up. It is false for one that was used. MongoDB keeps it until then, so a Redis that is
// away or lost its data lets none in twice.
func (a *Access) UseState(ctx context.Context, state string, until time.Time) (fresh bool, err error) {
	err = call(ctx, "use the state of a single sign-on up", func(ctx context.Context) error {
		_, err := a.oidcStates.InsertOne(ctx, append(byID(hashSecret(state)), bson.E{Key: "expiresAt", Value: until}))
		fresh = err == nil
		if isDuplicate(err) {
			return nil
		}
		return err
	})
	return fresh, err
}

// SignInBy signs in the user to whom the identity is linked. An identity that is linked to nobody is linked first: to the user of
// asked, the hash of the session from which the sign-in began; without one by an open invitation to its e-mail address, which makes
// the user. Otherwise it is Forbidden.
func (a *Access) SignInBy(ctx context.Context, id Identity, asked string, address netip.Addr, browser string) (signed SignedIn, err error) {
	defer func() { a.signIns.count(err) }()
	u, err := a.userOrNone(ctx, linkFilter(id.OIDCLink))
	switch {
	case err != nil:
		return SignedIn{}, err
	case u != nil && u.Disabled:
		a.cfg.Logger.Info("refused a single sign-on", "user", u.ID.Hex(), "address", addressText(address))
		return SignedIn{}, forbidden("Your account is disabled. Ask an admin of the instance.")
	case u != nil:
		return a.signedIn(ctx, u, address, browser)
	case asked != "":
		return a.linkSession(ctx, id.OIDCLink, asked)
	}
	signed, err = a.acceptByProvider(ctx, id, visitor{nil, address, browser})
	if grapevine.ErrorCode(err) == grapevine.Forbidden {
		a.cfg.Logger.Info("refused a single sign-on", "user", "none", "address", addressText(address))
	}
	return signed, err
}

func linkFilter(l OIDCLink) bson.D {
	return bson.D{{Key: "oidc.issuer", Value: l.Issuer}, {Key: "oidc.subject", Value: l.Subject}}
}

// linkSession links an identity to the user of a session, which goes on.
func (a *Access) linkSession(ctx context.Context, link OIDCLink, hash string) (signed SignedIn, err error) {
	err = a.transact(ctx, "link the account of the provider", func(ctx context.Context) error {
		u, r, err := a.sessionNow(ctx, hash)
		if err != nil {
			return err
		}
		if u.OIDC != nil {
			return refuse(grapevine.Conflict, "Your account is linked to another one at the provider. An admin of the instance can take that link away.")
		}
		_, err = a.users.UpdateOne(ctx, byID(u.ID), bson.D{{Key: "$set", Value: bson.D{{Key: "oidc", Value: link}}}})
		if isDuplicate(err) {
			return refuse(grapevine.Conflict, "This account at the provider was linked to somebody else in the meantime.")
		}
		signed = SignedIn{ExpiresAt: r.latest, Principal: r.principal}
		return err
	})
	if err == nil {
		a.cfg.Logger.Info("linked a user to the provider of single sign-on", "user", signed.Principal.User)
	}
	return signed, err
}

// sessionNow is a session with its user, as MongoDB has them now. It is Unauthorized if it is over.
func (a *Access) sessionNow(ctx context.Context, hash string) (*User, *right, error) {
	over := refuse(grapevine.Unauthorized, "The session from which you came is over. Sign in again.")
	raw, err := a.sessions.FindOne(ctx, byID(hash)).Raw()
	if isAbsent(err) {
		return nil, nil, over
	}
	if err != nil {
		return nil, nil, err
	}
	s, unfit := decodeSession(raw)
	if unfit != nil {
		return nil, nil, over
	}
	u, err := a.findUser(ctx, byID(s.User))
	switch {
	case isAbsent(err), errors.Is(err, errUnfit):
		return nil, nil, over
	case err != nil:
		return nil, nil, err
	}
	r := rightOfSession(&s, u, a.now())
	if r == nil {
		return nil, nil, over
	}
	return u, r, nil
}

// acceptByProvider makes a user of an open invitation to the e-mail address of an identity. It never links a user who is there: whoever has
// an address at the provider may be another person than the one who has the account here.
func (a *Access) acceptByProvider(ctx context.Context, id Identity, v visitor) (SignedIn, error) {
	email, err := NormalizeEmail(id.Email)
	switch {
	case id.Email == "":
		return SignedIn{}, forbidden("The provider does not tell your e-mail address, by which you would be known here.")
	case err != nil:
		return SignedIn{}, forbidden("The provider names an e-mail address that cannot be used here.")
	case !id.Verified:
		return SignedIn{}, forbidden("The provider does not say that your e-mail address is verified. Verify it there, then try again.")
	}
	there, err := a.userOrNone(ctx, bson.D{{Key: "email", Value: email}})
	if err != nil {
		return SignedIn{}, err
	}
	if there != nil {
		return SignedIn{}, forbidden("There is an account with your e-mail address. Sign in to it with its password, and link the two on the page of your account.")
	}
	i, err := a.invitationTo(ctx, email)
	if err != nil {
		return SignedIn{}, err
	}
	u := &User{
		ID: bson.NewObjectID(), Email: email, Name: nameFrom(id.Name, email), OIDC: &id.OIDCLink,
		Memberships: i.Memberships, Admin: i.Admin, CreatedAt: a.now(),
	}
	if u.Memberships == nil {
		u.Memberships = []Membership{}
	}
	return a.acceptLinked(ctx, i, u, v)
}

func (a *Access) acceptLinked(ctx context.Context, i *Invitation, u *User, v visitor) (signed SignedIn, err error) {
	err = a.transact(ctx, "accept the invitation", func(ctx context.Context) error {
		if err := a.use(ctx, i); err != nil {
			return err
		}
		if err := a.insertUser(ctx, u); err != nil {
			if isDuplicate(err) { // somebody was faster
				return forbidden("There is an account with your e-mail address by now. Try again.")
			}
			return err
		}
		signed, err = a.newSession(ctx, u, v.address, v.browser)
		return err
	})
	if grapevine.ErrorCode(err) == grapevine.Gone {
		return SignedIn{}, notInvited()
	}
	if err != nil {
		return SignedIn{}, err
	}
	a.record(ctx, "access: an invitation was accepted by single sign-on", signed.Principal, "invitation", i.ID, "admin", u.Admin)
	return signed, nil
}

// invitationTo is the open invitation to an e-mail address. It is Forbidden if there is none.
func (a *Access) invitationTo(ctx context.Context, email string) (i *Invitation, err error) {
	err = call(ctx, "find the invitation", func(ctx context.Context) error {
		raw, err := a.invitations.FindOne(ctx, bson.D{
			{Key: "kind", Value: KindInvite},
			{Key: "email", Value: email},
			{Key: "usedAt", Value: nil},
			{Key: "expiresAt", Value: bson.D{{Key: "$gt", Value: a.now()}}},
		}).Raw()
		if isAbsent(err) {
			return notInvited()
		}
		if err != nil {
			return err
		}
		found, unfit := decodeInvitation(raw)
		if unfit != nil {
			return notInvited()
		}
		i = &found
		return nil
	})
	return i, err
}

func notInvited() error {
	return forbidden("Nobody invited you. Ask an admin for an invitation to your e-mail address, then sign in again.")
}

// nameFrom is the name of a new user: the one at the provider, or else what stands before the @.
func nameFrom(name, email string) string {
	if clean, err := cleanName(name); err == nil {
		return clean
	}
	local, _, _ := strings.Cut(email, "@")
	return local
}
