package api

import (
	"context"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// SignIns signs people in and out.
type SignIns interface {
	SignIn(ctx context.Context, credentials access.Credentials) (access.SignedIn, error)
	SignOut(ctx context.Context, p *grapevine.Principal) error
	// ChangePassword ends the other sessions. The one that asks goes on with a new secret.
	ChangePassword(ctx context.Context, p *grapevine.Principal, current, next string, address netip.Addr, browser string) (access.SignedIn, error)
}

// Lives of cookies. The server ends a session itself, so its cookie only has to live as long as the longest one.
const (
	sessionCookieLife = 90 * 24 * time.Hour
	knownCookieLife   = 400 * 24 * time.Hour // browsers keep none longer
	maxBrowser        = 512                  // bytes of User-Agent; access keeps fewer
)

// browserOf is what the browser calls itself.
func browserOf(c *fiber.Ctx) string {
	agent := c.Get(fiber.HeaderUserAgent)
	return agent[:min(len(agent), maxBrowser)]
}

// signIn makes a session. It is always a new one: a cookie that somebody else put into the browser gets no rights by it.
func (s *Server) signIn(c *fiber.Ctx) error {
	var body struct{ Email, Password string }
	if err := readBody(c, &body); err != nil {
		return err
	}
	known, _, err := s.cookies.get(c, cookieKnown)
	if err != nil {
		return err
	}
	signed, err := s.cfg.Access.SignIn(c.UserContext(), access.Credentials{
		Email: body.Email, Password: body.Password, Address: s.ClientAddr(c), Browser: browserOf(c), Known: known,
	})
	if err != nil {
		return err
	}
	return s.respondSignedIn(c, signed)
}

// respondSignedIn gives the browser its session and says whose it is.
func (s *Server) respondSignedIn(c *fiber.Ctx, signed access.SignedIn) error {
	status := fiber.StatusOK
	if s.keepSignedIn(c, signed) {
		status = fiber.StatusCreated
	}
	return s.respondSession(c, status, signed.Principal)
}

// keepSignedIn gives the browser the cookies of a session, and reports whether it is a new one. Then the one that the browser had ends,
// because no cookie is left by which somebody could sign it out.
func (s *Server) keepSignedIn(c *fiber.Ctx, signed access.SignedIn) (isNew bool) {
	if signed.Known != "" {
		s.cookies.set(c, cookieKnown, signed.Known, time.Now().Add(knownCookieLife))
	}
	if signed.Secret == "" {
		return false
	}
	if before := PrincipalOf(c); !before.IsNobody() && before.Session != "" {
		_ = s.cfg.Access.SignOut(c.UserContext(), before) // if that fails, the session ends by itself
	}
	s.cookies.set(c, cookieSession, signed.Secret, time.Now().Add(sessionCookieLife))
	return true
}

// readSession says who is signed in. Without sign-in it is nobody, and everyone may do everything.
func (s *Server) readSession(c *fiber.Ctx) error {
	if s.cfg.Access == nil {
		return respondPrivate(c, fiber.StatusOK, fiber.Map{"auth": "off", "user": nil, "workspaces": []any{}, "oidc": false})
	}
	return s.respondSession(c, fiber.StatusOK, PrincipalOf(c))
}

func (s *Server) respondSession(c *fiber.Ctx, status int, p *grapevine.Principal) error {
	workspaces, err := s.workspacesOf(c, p)
	if err != nil {
		return err
	}
	return respondPrivate(c, status, fiber.Map{
		"auth":       "on",
		"user":       fiber.Map{"id": p.User, "email": p.Email, "name": p.Name, "admin": p.Admin},
		"workspaces": workspaces, "oidc": s.cfg.OIDC != nil,
	})
}

// signOut ends the session. The browser forgets what it kept of the answers to this person.
func (s *Server) signOut(c *fiber.Ctx) error {
	if err := s.cfg.Access.SignOut(c.UserContext(), PrincipalOf(c)); err != nil {
		return err
	}
	s.cookies.remove(c, cookieSession)
	c.Set("Clear-Site-Data", `"cache"`)
	return respondDone(c)
}

func (s *Server) changePassword(c *fiber.Ctx) error {
	var body struct{ Current, New string }
	if err := readBody(c, &body); err != nil {
		return err
	}
	signed, err := s.cfg.Access.ChangePassword(c.UserContext(), PrincipalOf(c), body.Current, body.New, s.ClientAddr(c), browserOf(c))
	if err != nil {
		return err
	}
	s.keepSignedIn(c, signed)
	return respondDone(c)
}
