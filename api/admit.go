package api

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// admit lets a request pass if the table of rights does. It is in front of every handler, of other packages too.
func (s *Server) admit(c *fiber.Ctx) error {
	if s.principals == nil {
		c.Locals(localPrincipal, grapevine.Anyone)
		return c.Next()
	}
	depends, err := s.authorize(c)
	if err == nil && depends {
		err = s.limitPrincipal(c)
		s.noteRefusal(c, err)
	}
	switch {
	case err == nil:
		err = c.Next()
		if grapevine.ErrorCode(err) != grapevine.Unauthorized { // whoever looks at passwords logs that
			s.noteRefusal(c, err)
		}
	case errors.Is(err, errUnlisted):
		err = s.unknownPath(c)
	default:
		err = s.askToSignIn(c, err)
	}
	err = s.showSignOnProblem(c, err)
	if depends && c.Response().StatusCode() != fiber.StatusSwitchingProtocols {
		setPersonal(c)
	}
	return err
}

// authorize finds the principal of a request and compares it with the table. depends says that the answer depends on who asks.
func (s *Server) authorize(c *fiber.Ctx) (depends bool, err error) {
	if err := refuseSecrets(queryString(c)); err != nil {
		return false, err
	}
	var needed []right
	entry := theRights.find(c.Path())
	if entry != nil {
		needed = entry.of(c.Method())
	}
	if len(needed) == 1 && needed[0] == anyone {
		return false, nil
	}
	p, err := s.identify(c)
	if err != nil {
		s.noteRefusal(c, err)
		// For an open route, a cookie that is over counts as none. What MongoDB says nothing of at present does only
		// where nothing comes of it: elsewhere somebody who is signed in would be told to sign in.
		open := len(needed) == 1 && needed[0].isOpen()
		if !open || !isStale(c, err) && (needed[0] != anyoneAtAll || grapevine.ErrorCode(err) != grapevine.Unavailable) {
			return true, err
		}
		p = nil
	}
	c.Locals(localPrincipal, p)
	if err := permitted(c, p, entry, needed); err != nil {
		s.noteRefusal(c, err)
		return true, err
	}
	if !p.IsNobody() && p.Unproven && !isSafe(c.Method()) {
		return true, errUnproven
	}
	return true, nil
}

// permitted is nil if p has one of the rights that a request needs.
func permitted(c *fiber.Ctx, p *grapevine.Principal, entry *pathRights, needed []right) (err error) {
	if entry == nil {
		if err := somebody.permits(c, p); err != nil {
			return err
		}
		return errUnlisted
	}
	for i, r := range needed {
		e := r.permits(c, p)
		if e == nil {
			return nil
		}
		if i == 0 {
			err = e
		}
	}
	return err
}

// unknownPath answers somebody who asks for a path that the table does not have. Its handler is never called, even if
// there is one.
func (s *Server) unknownPath(c *fiber.Ctx) error {
	return s.unknown(c)
}

// HandleUnknown mounts the handler of all paths that no route has. h gets what to do with the requests that it does not
// answer itself. Call it after all other routes are mounted.
func (s *Server) HandleUnknown(h func(otherwise fiber.Handler) fiber.Handler) {
	s.unknown = h(nothingHere)
	s.app.Use(h((*fiber.Ctx).Next))
}

func nothingHere(*fiber.Ctx) error { return fiber.ErrNotFound }

// askToSignIn sends a person to the page for it, and any other client the error.
func (s *Server) askToSignIn(c *fiber.Ctx, err error) error {
	if grapevine.ErrorCode(err) != grapevine.Unauthorized || s.cfg.OperationsOnly || !isNavigation(c) {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect("/signin?next="+url.QueryEscape(ownPath(c.OriginalURL())), fiber.StatusSeeOther)
}

// isNavigation reports whether a browser wants to show the answer as a page.
func isNavigation(c *fiber.Ctx) bool {
	mode := c.Get("Sec-Fetch-Mode")
	return (c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead) && !hasBearer(c) &&
		(mode == "" || mode == "navigate") && strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
}

// ownPath is path if a browser takes it for a path of this server, else the first page.
func ownPath(path string) string {
	const longest = 2000
	isOwn := strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && len(path) <= longest &&
		!strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
	if u, err := url.Parse(path); !isOwn || err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	return path
}

// setPersonal marks an answer that depends on who asks, so that no cache gives it to another.
func setPersonal(c *fiber.Ctx) {
	header := &c.Response().Header
	switch kept := string(header.Peek(fiber.HeaderCacheControl)); {
	case kept == "":
		header.Set(fiber.HeaderCacheControl, "private, no-cache")
	case !strings.Contains(kept, "private") && !strings.Contains(kept, "no-store"):
		header.Set(fiber.HeaderCacheControl, "private, "+strings.TrimPrefix(kept, "public, "))
	}
	c.Vary(headerWorkspace, fiber.HeaderCookie, fiber.HeaderAuthorization)
}

// limitPrincipal answers 429 when one principal has too many requests.
func (s *Server) limitPrincipal(c *fiber.Ctx) error {
	p := PrincipalOf(c)
	if p.IsNobody() || isOperation(c.Path()) {
		return nil
	}
	if wait, ok := s.perPrincipal.Allow(string(p.Kind)+":"+p.ID, time.Now()); !ok {
		return tooMany(c, s.cfg.PerPrincipal, wait, "Too many requests of this user or token.")
	}
	return nil
}
