package api

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/access"
)

// Principals finds who makes a request.
type Principals interface {
	// BySession fails with Unauthorized if MongoDB knows no such session, and with Unavailable if it does not answer.
	BySession(ctx context.Context, secret string) (*grapevine.Principal, error)
	// ByToken is BySession for a token. It also fails with TooMany.
	ByToken(ctx context.Context, text string, address netip.Addr) (*grapevine.Principal, error)
}

// localPrincipal is the key under which a request carries its principal.
const localPrincipal = "grapevine.principal"

// identifyTimeout bounds the search for a principal that is not held in memory.
const identifyTimeout = 2 * time.Second

// errNobody is the error of a request that needs a principal and has no credentials.
var errNobody = &grapevine.Error{Code: grapevine.Unauthorized, Message: "Sign in, or send a token in the header Authorization: Bearer gv_…"}

// PrincipalOf is who made the request: nobody for a route that does not look at credentials, [grapevine.Anyone] while
// sign-in is off.
func PrincipalOf(c *fiber.Ctx) *grapevine.Principal {
	p, _ := c.Locals(localPrincipal).(*grapevine.Principal)
	return p
}

// identify finds who makes the request by its token or, if it has none, by its cookie. Without either it is nobody, which
// is nil. A token that is wrong is an error even beside a good cookie.
func (s *Server) identify(c *fiber.Ctx) (*grapevine.Principal, error) {
	ctx, cancel := context.WithTimeout(context.Background(), identifyTimeout)
	defer cancel()
	token, given, err := bearer(c)
	if err != nil {
		return nil, err
	}
	if given {
		return s.principals.ByToken(ctx, token, s.ClientAddr(c))
	}
	secret, given, err := s.cookies.session(c)
	if err != nil || !given {
		return nil, err
	}
	return s.principals.BySession(access.WithAddress(ctx, s.ClientAddr(c)), secret)
}

// bearer is the token in the header Authorization. Other schemes than Bearer are ignored: a proxy in front may have its own.
func bearer(c *fiber.Ctx) (token string, given bool, err error) {
	for _, value := range c.Request().Header.PeekAll(fiber.HeaderAuthorization) {
		scheme, rest, _ := strings.Cut(string(value), " ")
		switch {
		case !strings.EqualFold(scheme, "Bearer"):
		case given:
			return "", true, badRequest("The header Authorization may be given once only.")
		default:
			token, given = strings.TrimSpace(rest), true
		}
	}
	return token, given, nil
}

// hasBearer reports whether a request has a bearer token, right or wrong. A page of another site cannot send one.
func hasBearer(c *fiber.Ctx) bool {
	_, given, _ := bearer(c)
	return given
}

// isStale reports whether err is that of a cookie which MongoDB does not know. Where anyone is let in, such a cookie is nobody's.
func isStale(c *fiber.Ctx, err error) bool {
	return grapevine.ErrorCode(err) == grapevine.Unauthorized && !hasBearer(c)
}

// unproven is the error of a write while MongoDB cannot say whether its principal still has the right.
var errUnproven = &grapevine.Error{
	Code: grapevine.Unavailable, Message: "MongoDB does not answer, so nobody can be sure that you may write. Try again shortly.", RetryAfter: 2 * time.Second,
}

// errUnlisted says that the table of rights does not have the path.
var errUnlisted = errors.New("there is no right for this path")
