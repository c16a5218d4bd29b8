package api

import (
	"context"
	"net/netip"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// OIDC signs people in at a provider of single sign-on.
type OIDC interface {
	// Start returns where the browser goes, and the value of the cookie that binds the sign-in to it.
	Start(ctx context.Context, next string, p *grapevine.Principal) (redirectURL, cookie string, err error)
	// Callback takes what the provider answered, and returns the page that next named.
	Callback(ctx context.Context, query url.Values, cookie string, address netip.Addr, browser string) (signed access.SignedIn, next string, err error)
}

// oidcCookieLife is how long a person may take at the provider.
const oidcCookieLife = 10 * time.Minute

// startOIDC sends the browser to the provider.
func (s *Server) startOIDC(c *fiber.Ctx) error {
	params, err := parseParams(queryString(c), []string{"next"})
	if err != nil {
		return err
	}
	if s.cfg.OIDC == nil {
		return errNoOIDC
	}
	to, cookie, err := s.cfg.OIDC.Start(c.UserContext(), ownPath(params.get("next")), PrincipalOf(c))
	if err != nil {
		return err
	}
	s.cookies.set(c, cookieOIDC, cookie, time.Now().Add(oidcCookieLife))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(to, fiber.StatusSeeOther)
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

var errNoOIDC = &grapevine.Error{Code: grapevine.NotFound, Message: "There is no single sign-on here. The setting OIDC_ISSUER names a provider."}
