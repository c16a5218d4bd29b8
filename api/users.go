package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// Users lists and changes users.
type Users interface {
	// Users are those with an e-mail address behind after. Zero means the usual limit.
	Users(ctx context.Context, after string, limit int) (access.UserPage, error)
	PatchUser(ctx context.Context, by *grapevine.Principal, id string, change access.UserPatch) (access.UserInfo, error)
	DeleteUser(ctx context.Context, by *grapevine.Principal, id string) error
}

func (s *Server) listUsers(c *fiber.Ctx) error {
	params, err := parseParams(queryString(c), []string{"after"})
	if err != nil {
		return err
	}
	page, err := s.cfg.Access.Users(c.UserContext(), params.get("after"), 0)
	if err != nil {
		return err
	}
	body := items(page.Users)
	if page.Next != "" {
		body["next"] = page.Next
	}
	return respondPrivate(c, fiber.StatusOK, body)
}

func (s *Server) patchUser(c *fiber.Ctx) error {
	var change access.UserPatch
	if err := readBody(c, &change); err != nil {
		return err
	}
	user, err := s.cfg.Access.PatchUser(c.UserContext(), PrincipalOf(c), c.Params("id"), change)
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusOK, user)
}

func (s *Server) deleteUser(c *fiber.Ctx) error {
	if err := s.cfg.Access.DeleteUser(c.UserContext(), PrincipalOf(c), c.Params("id")); err != nil {
		return err
	}
	return respondDone(c)
}
