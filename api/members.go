package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// Members knows who has which role in which workspace.
type Members interface {
	Workspaces(ctx context.Context, p *grapevine.Principal) ([]access.Membership, error)
	Members(ctx context.Context, workspace string) ([]access.Member, error)
	SetMember(ctx context.Context, by *grapevine.Principal, workspace, user string, role grapevine.Role) (access.Member, error)
	RemoveMember(ctx context.Context, by *grapevine.Principal, workspace, user string) error
}

// shownWorkspace is a workspace and what somebody may do there.
type shownWorkspace struct {
	ID   string         `json:"id"`
	Role grapevine.Role `json:"role"`
}

func (s *Server) workspacesOf(c *fiber.Ctx, p *grapevine.Principal) ([]shownWorkspace, error) {
	found, err := s.cfg.Access.Workspaces(c.UserContext(), p)
	shown := make([]shownWorkspace, len(found))
	for i, m := range found {
		shown[i] = shownWorkspace{ID: m.Workspace, Role: m.Role}
	}
	return shown, err
}

func (s *Server) listWorkspaces(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	shown, err := s.workspacesOf(c, PrincipalOf(c))
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusOK, items(shown))
}

func (s *Server) listMembers(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	found, err := s.cfg.Access.Members(c.UserContext(), c.Params("workspace"))
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusOK, items(found))
}

func (s *Server) setMember(c *fiber.Ctx) error {
	var body struct{ Role grapevine.Role }
	if err := readBody(c, &body); err != nil {
		return err
	}
	member, err := s.cfg.Access.SetMember(c.UserContext(), PrincipalOf(c), c.Params("workspace"), c.Params("user"), body.Role)
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusOK, member)
}

func (s *Server) removeMember(c *fiber.Ctx) error {
	if err := s.cfg.Access.RemoveMember(c.UserContext(), PrincipalOf(c), c.Params("workspace"), c.Params("user")); err != nil {
		return err
	}
	return respondDone(c)
}
