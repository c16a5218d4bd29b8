package api

import (
	"context"
	"net/netip"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// Invitations makes links and uses them.
type Invitations interface {
	Invite(ctx context.Context, by *grapevine.Principal, offer access.Offer) (access.Link, error)
	Reset(ctx context.Context, by *grapevine.Principal, offer access.Offer) (access.Link, error)
	Accept(ctx context.Context, a access.Acceptance, signedIn *grapevine.Principal, address netip.Addr, browser string) (access.SignedIn, error)
	SetUp(ctx context.Context, a access.Acceptance, address netip.Addr, browser string) (access.SignedIn, error)
}

// invite makes a link that makes a user, gives one memberships, or sets a password. It answers alike whether or not the
// e-mail address has a user.
func (s *Server) invite(c *fiber.Ctx) error {
	var body struct {
		Email, User string
		Memberships []access.Membership
		Admin       bool
	}
	if err := readBody(c, &body); err != nil {
		return err
	}
	makeLink := s.cfg.Access.Invite
	if body.User != "" {
		if body.Email != "" || body.Admin || len(body.Memberships) > 0 {
			return invalidField("user", "gives nothing but a new password; leave out email, memberships and admin")
		}
		makeLink = s.cfg.Access.Reset
	}
	link, err := makeLink(c.UserContext(), PrincipalOf(c), access.Offer{
		Email: body.Email, User: body.User, Memberships: body.Memberships, Admin: body.Admin,
	})
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusCreated, fiber.Map{
		"id": link.ID, "link": link.URL(s.site.url), "expiresAt": grapevine.Time{Time: link.ExpiresAt},
	})
}

// accept uses a link. Nobody who is not signed in gets the memberships of another by it.
func (s *Server) accept(c *fiber.Ctx) error {
	var body struct{ Secret, Name, Password string }
	if err := readBody(c, &body); err != nil {
		return err
	}
	signed, err := s.cfg.Access.Accept(c.UserContext(), access.Acceptance{Secret: body.Secret, Name: body.Name, Password: body.Password},
		PrincipalOf(c), s.ClientAddr(c), browserOf(c))
	if err != nil {
		return err
	}
	return s.respondSignedIn(c, signed)
}

// setUp makes the first user.
func (s *Server) setUp(c *fiber.Ctx) error {
	var body struct{ Secret, Email, Name, Password string }
	if err := readBody(c, &body); err != nil {
		return err
	}
	signed, err := s.cfg.Access.SetUp(c.UserContext(), access.Acceptance{Secret: body.Secret, Email: body.Email, Name: body.Name, Password: body.Password},
		s.ClientAddr(c), browserOf(c))
	if err != nil {
		return err
	}
	return s.respondSignedIn(c, signed)
}
