package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// Sessions lists and ends sessions.
type Sessions interface {
	Sessions(ctx context.Context, p *grapevine.Principal) ([]access.Session, error)
	EndSession(ctx context.Context, p *grapevine.Principal, id string) error
	EndOtherSessions(ctx context.Context, p *grapevine.Principal) error
	EndSessionsOf(ctx context.Context, by *grapevine.Principal, user string) error
}

// shownSession is a session as its user sees it.
type shownSession struct {
	ID        string         `json:"id"`
	Current   bool           `json:"current"` // it is the one that asks
	CreatedAt grapevine.Time `json:"createdAt"`
	SeenAt    grapevine.Time `json:"seenAt"`
	ExpiresAt grapevine.Time `json:"expiresAt"`
	Address   string         `json:"address"`
	Browser   string         `json:"browser"`
}

func (s *Server) listSessions(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	p := PrincipalOf(c)
	found, err := s.cfg.Access.Sessions(c.UserContext(), p)
	if err != nil {
		return err
	}
	shown := make([]shownSession, len(found))
	for i, session := range found {
		shown[i] = shownSession{
			ID: session.ID, Current: session.Hash == p.Session, Address: session.Address, Browser: session.Browser,
			CreatedAt: grapevine.Time{Time: session.CreatedAt}, SeenAt: grapevine.Time{Time: session.SeenAt}, ExpiresAt: grapevine.Time{Time: session.ExpiresAt},
		}
	}
	return respondPrivate(c, fiber.StatusOK, items(shown))
}

func (s *Server) endSession(c *fiber.Ctx) error {
	if err := s.cfg.Access.EndSession(c.UserContext(), PrincipalOf(c), c.Params("id")); err != nil {
		return err
	}
	return respondDone(c)
}

func (s *Server) endOtherSessions(c *fiber.Ctx) error {
	if err := s.cfg.Access.EndOtherSessions(c.UserContext(), PrincipalOf(c)); err != nil {
		return err
	}
	return respondDone(c)
}

func (s *Server) endSessionsOfUser(c *fiber.Ctx) error {
	if err := s.cfg.Access.EndSessionsOf(c.UserContext(), PrincipalOf(c), c.Params("id")); err != nil {
		return err
	}
	return respondDone(c)
}
