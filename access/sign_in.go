package access

import (
	"context"
	"errors"
	"net/netip"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
	"grapevine/access/attempts"
	"grapevine/access/password"
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Email, Password string
	Address         netip.Addr
	Browser         string // its User-Agent
	Known           string // value of the cookie of known browsers; may be empty
}

// SignIn signs a user in by a password. It is Unauthorized in the same way and after the same time for a wrong password and for a user who is
// not there, is disabled or has none; TooMany at once when there were too many tries; Unavailable while MongoDB does not answer.
func (a *Access) SignIn(ctx context.Context, c Credentials) (signed SignedIn, err error) {
	defer func() { a.signIns.count(err) }()
	email, err := NormalizeEmail(c.Email)
	if err != nil {
		return SignedIn{}, err
	}
	t, err := a.newTry(ctx, email, c)
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.verify(ctx, t, c); err != nil {
		return SignedIn{}, err
	}
	t.place.GiveBack(ctx)
	return a.signedIn(ctx, t.user, c.Address, c.Browser)
}

// try is a sign-in that was counted.
type try struct {
	place *attempts.Place
	user  *User // nil: there is none
	known bool  // the browser is one in which the user signed in before
}

// newTry counts a try, and then finds the user. Only a cookie of ours has the user found first.
func (a *Access) newTry(ctx context.Context, email string, c Credentials) (t try, err error) {
	byEmail := bson.D{{Key: "email", Value: email}}
	if browser := a.known.read(c.Known); browser != nil {
		if t.user, err = a.userOrNone(ctx, byEmail); err != nil {
			return t, err
		}
		t.known = browser.is(t.user)
	}
	if t.known {
		t.place, err = a.attempts.TakeKnown(ctx, t.user.ID.Hex())
		return t, err
	}
	if t.place, err = a.attempts.Take(ctx, email, c.Address); err != nil || t.user != nil {
		return t, err
	}
	if t.user, err = a.userOrNone(ctx, byEmail); err != nil {
		t.place.GiveBack(ctx)
	}
	return t, err
}

// verify looks at the password. A try that it could not look at is taken back.
func (a *Access) verify(ctx context.Context, t try, c Credentials) error {
	stored, id := "", "none"
	if t.user != nil {
		id = t.user.ID.Hex()
		if !t.user.Disabled {
			stored = t.user.Password
		}
	}
	v := password.Visitor{Address: c.Address, First: t.place.IsFirst()}
	if t.known {
		v.Known = id
	}
	var crowded *grapevine.Error
	ok, err := a.passwords.Verify(ctx, v, stored, c.Password)
	switch {
	case errors.As(err, &crowded):
		t.place.KeepTurn(ctx, crowded.RetryAfter)
		return err
	case err != nil:
		a.cfg.Logger.Warn("a user cannot sign in", "user", id, "err", err)
	case ok:
		return nil
	}
	a.cfg.Logger.Info("refused a sign-in", "user", id, "address", addressText(c.Address))
	return refuse(grapevine.Unauthorized, "The e-mail address or the password is wrong.")
}

// signedIn begins a session of a user who proved who he is.
func (a *Access) signedIn(ctx context.Context, u *User, address netip.Addr, browser string) (signed SignedIn, err error) {
	err = call(ctx, "begin a session", func(ctx context.Context) error {
		signed, err = a.newSession(ctx, u, address, browser)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	a.cfg.Logger.Info("signed in", "user", u.ID.Hex(), "address", addressText(address))
	return signed, nil
}

// SignOut ends the session of the principal.
func (a *Access) SignOut(ctx context.Context, p *grapevine.Principal) error {
	if p.IsNobody() || p.Session == "" {
		return forbidden("There is no session to end: a token is revoked by DELETE /tokens/{id}.")
	}
	err := call(ctx, "end the session", func(ctx context.Context) error {
		_, err := a.sessions.DeleteOne(ctx, byID(p.Session))
		return err
	})
	if err == nil {
		a.changedSession(p.Session)
		a.cfg.Logger.Info("signed out", "user", p.User)
	}
	return err
}

// userOrNone finds a user. It is nil if there is none, and if the document does not fit and so gives no rights.
func (a *Access) userOrNone(ctx context.Context, filter bson.D) (u *User, err error) {
	err = call(ctx, "find the user", func(ctx context.Context) error {
		u, err = userOf(a.users.FindOne(ctx, filter))
		return err
	})
	return u, err
}

func userOf(result *mongo.SingleResult) (*User, error) {
	raw, err := result.Raw()
	switch {
	case isAbsent(err):
		return nil, nil //nolint:nilnil // nobody
	case err != nil:
		return nil, err
	}
	u, unfit := decodeUser(raw)
	if unfit != nil {
		return nil, nil //nolint:nilnil,nilerr // it gives no rights
	}
	return &u, nil
}
