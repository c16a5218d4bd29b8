package api

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// OIDC signs people in at a provider of single sign-on.
type OIDC interface {
	// Start returns where the browser goes, and the value of the cookie that binds the sign-in to it. The account at the
	// provider is linked to p if that is somebody.
	Start(ctx context.Context, next string, p *grapevine.Principal) (redirectURL, cookie string, err error)
	// Callback takes what the provider answered, and returns the page that next named.
	Callback(ctx context.Context, query url.Values, cookie string, address netip.Addr, browser string) (signed access.SignedIn, next string, err error)
}

// oidcCookieLife is how long a person may take at the provider.
const oidcCookieLife = 10 * time.Minute

// startOIDC sends the browser to the provider. It begins as nobody, whoever is signed in: any site can send a browser to
// this address, and would have its own account at the provider linked to the person.
func (s *Server) startOIDC(c *fiber.Ctx) error {
	params, err := parseParams(queryString(c), []string{"next"})
	if err != nil {
		return err
	}
	if s.cfg.OIDC == nil {
		return errNoOIDC
	}
	to, err := s.beginOIDC(c, params.get("next"), nil)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(to, fiber.StatusSeeOther)
}

// linkOIDC begins to link an account at the provider to the person who is signed in. The page goes to the address in the
// answer.
func (s *Server) linkOIDC(c *fiber.Ctx) error {
	var body struct{ Next string }
	if err := readBody(c, &body); err != nil {
		return err
	}
	if s.cfg.OIDC == nil {
		return errNoOIDC
	}
	to, err := s.beginOIDC(c, body.Next, PrincipalOf(c))
	if err != nil {
		return err
	}
	return respondPrivate(c, fiber.StatusOK, fiber.Map{"url": to})
}

func (s *Server) beginOIDC(c *fiber.Ctx, next string, p *grapevine.Principal) (to string, err error) {
	to, cookie, err := s.cfg.OIDC.Start(c.UserContext(), ownPath(next), p)
	if err == nil {
		s.cookies.set(c, cookieOIDC, cookie, time.Now().Add(oidcCookieLife))
	}
	return to, err
}

// finishOIDC signs the person in whom the provider names.
func (s *Server) finishOIDC(c *fiber.Ctx) error {
	if s.cfg.OIDC == nil {
		return errNoOIDC
	}
	cookie, _, err := s.cookies.get(c, cookieOIDC)
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(queryString(c))
	if err != nil {
		return badRequest("The query string is malformed.")
	}
	s.cookies.remove(c, cookieOIDC)
	signed, next, err := s.cfg.OIDC.Callback(c.UserContext(), query, cookie, s.ClientAddr(c), browserOf(c))
	if err != nil {
		return err
	}
	s.keepSignedIn(c, signed)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(ownPath(next), fiber.StatusSeeOther)
}

// signOnProblems are the words by which the page of sign-in knows why single sign-on failed.
var signOnProblems = map[grapevine.Code]string{
	grapevine.Unauthorized: "oidc-refused",
	grapevine.Forbidden:    "oidc-refused",
	grapevine.Conflict:     "oidc-refused",
	grapevine.BadRequest:   "oidc-invalid",
	grapevine.TooMany:      "oidc-unavailable",
	grapevine.Unavailable:  "oidc-unavailable",
}

// showSignOnProblem sends a person whose single sign-on failed to the page of sign-in, which says so. Any other client gets
// the error.
func (s *Server) showSignOnProblem(c *fiber.Ctx, err error) error {
	word := signOnProblems[grapevine.ErrorCode(err)]
	if err == nil || word == "" || s.cfg.OIDC == nil || !strings.HasPrefix(c.Path(), "/oidc/") || !isNavigation(c) {
		return err
	}
	s.report(c, problemOf(err), err)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect("/signin?problem="+word, fiber.StatusSeeOther)
}

var errNoOIDC = &grapevine.Error{Code: grapevine.NotFound, Message: "There is no single sign-on here. The setting OIDC_ISSUER names a provider."}
