package access

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// linkLife is how long a link works.
var linkLife = map[InvitationKind]time.Duration{KindInvite: 7 * 24 * time.Hour, KindReset: time.Hour, KindSetup: 30 * time.Minute}

// Offer is what an invitation gives.
type Offer struct {
	Email       string // of an invitation
	Memberships []Membership
	Admin       bool   // of the instance
	User        string // of a reset: whose password it sets
}

// Link is an invitation as its maker gets it, this once.
type Link struct {
	ID        string
	Kind      InvitationKind
	Secret    string
	ExpiresAt time.Time
}

// URL is the link for the person. The secret is behind #, so that no server and no log of a proxy gets it with a GET.
func (l Link) URL(publicURL string) string {
	page := "/invitation"
	if l.Kind == KindSetup {
		page = "/setup"
	}
	return publicURL + page + "#" + l.Secret
}

// Invite makes a link that makes a user, or gives memberships to the user who has the e-mail address. It voids the open
// one to this address. Nobody gives more than he has, now and when the link is used. The answer is alike whether or not
// the address has a user.
func (a *Access) Invite(ctx context.Context, by *grapevine.Principal, o Offer) (Link, error) {
	if by != CommandLine {
		if _, err := person(by); err != nil {
			return Link{}, err
		}
	}
	email, err := NormalizeEmail(o.Email)
	if err == nil {
		err = checkOffered(o.Memberships)
	}
	if err != nil {
		return Link{}, err
	}
	return a.makeLink(ctx, by, Invitation{Kind: KindInvite, Email: email, Memberships: o.Memberships, Admin: o.Admin}, func(_ context.Context, who actor, _ *Invitation) error {
		return who.mayGive(o.Memberships, o.Admin)
	})
}

// Reset makes a link that sets the password of the user whom the offer names. It needs an admin of the instance.
func (a *Access) Reset(ctx context.Context, by *grapevine.Principal, o Offer) (Link, error) {
	return a.makeLink(ctx, by, Invitation{Kind: KindReset}, func(ctx context.Context, who actor, i *Invitation) error {
		if err := who.requireAdmin(); err != nil {
			return err
		}
		id, err := userID(o.User)
		if err != nil {
			return err
		}
		u, err := a.target(ctx, byID(id))
		if err == nil {
			i.Email, i.User = u.Email, &u.ID
		}
		return err
	})
}

// makeLink stores an invitation. complete judges whether the actor may make it, and sets what depends on stored users.
func (a *Access) makeLink(ctx context.Context, by *grapevine.Principal, i Invitation, complete func(context.Context, actor, *Invitation) error) (Link, error) {
	var link Link
	err := a.transact(ctx, "make the link", func(ctx context.Context) error {
		who, err := a.actorOf(ctx, by)
		if err == nil {
			err = complete(ctx, who, &i)
		}
		if err != nil {
			return err
		}
		i.By = who.id()
		link, err = a.insertInvitation(ctx, i)
		return err
	})
	if err != nil {
		return Link{}, err
	}
	a.record(ctx, "access: a link was made", by, "invitation", link.ID, "kind", link.Kind, "memberships", i.Memberships, "admin", i.Admin)
	return link, nil
}

// insertInvitation stores an invitation, and voids the open ones of its kind to the same person. It is part of a
// transaction.
func (a *Access) insertInvitation(ctx context.Context, i Invitation) (Link, error) {
	secret, now := newSecret(), a.now()
	i.Hash, i.ID, i.CreatedAt, i.ExpiresAt = hashSecret(secret), newShownID(), now, now.Add(linkLife[i.Kind])
	if i.Memberships == nil {
		i.Memberships = []Membership{}
	}
	same := bson.A{bson.D{{Key: "email", Value: i.Email}}}
	if i.User != nil {
		same = append(same, bson.D{{Key: "user", Value: *i.User}})
	}
	_, err := a.invitations.DeleteMany(ctx, bson.D{{Key: "kind", Value: i.Kind}, {Key: "usedAt", Value: nil}, {Key: "$or", Value: same}})
	if err == nil {
		_, err = a.invitations.InsertOne(ctx, i)
	}
	return Link{ID: i.ID, Kind: i.Kind, Secret: secret, ExpiresAt: i.ExpiresAt}, err
}
