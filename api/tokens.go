package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// Tokens makes, lists and ends the tokens of programs.
type Tokens interface {
	// CreateToken also returns the text of the token, which nobody can read again.
	CreateToken(ctx context.Context, by *grapevine.Principal, n access.NewToken) (info access.TokenInfo, text string, err error)
	Tokens(ctx context.Context, p *grapevine.Principal) ([]access.TokenInfo, error)
	RevokeToken(ctx context.Context, p *grapevine.Principal, id string) error
}

// madeToken is the one answer with the text of a token.
type madeToken struct {
	access.TokenInfo
	Token string `json:"token"`
}

func (s *Server) createToken(c *fiber.Ctx) error {
	var body struct {
		Name, Workspace string
		Role            grapevine.Role
		ExpiresAt       *time.Time
		Service         bool
	}
	if err := readBody(c, &body); err != nil {
		return err
	}
	info, text, err := s.cfg.Access.CreateToken(c.UserContext(), PrincipalOf(c), access.NewToken{
		Name: body.Name, Workspace: body.Workspace, Role: body.Role, ExpiresAt: body.ExpiresAt, Service: body.Service,
	})
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusCreated, madeToken{info, text})
}

func (s *Server) listTokens(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	found, err := s.cfg.Access.Tokens(c.UserContext(), PrincipalOf(c))
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusOK, items(found))
}

func (s *Server) revokeToken(c *fiber.Ctx) error {
	if err := s.cfg.Access.RevokeToken(c.UserContext(), PrincipalOf(c), c.Params("id")); err != nil {
		return err
	}
	return respondDone(c)
}
