package api

import (
	"crypto/rand"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

const pageCSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// secure sets the headers every answer carries. It runs before the handler, so that a page with
// needs of its own (asynqmon, the description) can replace the policy.
func secure(c *fiber.Ctx) {
	h := &c.Response().Header
	if len(h.Peek(fiber.HeaderContentSecurityPolicy)) == 0 {
		h.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
	}
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderReferrerPolicy, "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set(fiber.HeaderXRequestID, requestID(c))
}

// requestID is the client's, if it is fit for a log line, or a new one.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(fiber.HeaderXRequestID).(string); ok {
		return id
	}
	id := c.Get(fiber.HeaderXRequestID)
	if !fitRequestID(id) {
		id = rand.Text()
	}
	c.Locals(fiber.HeaderXRequestID, id)
	return id
}

func fitRequestID(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}) < 0
}

// guard refuses what a browser was talked into by another site, and any coded body before it is
// touched: 61 kB of gzip became 63 MB despite a body limit of 64 kB.
func (s *Server) guard(c *fiber.Ctx) error {
	secure(c)
	if ambiguous(c.Request().Header.RawHeaders()) {
		c.Context().SetConnectionClose() // whatever follows, it is not known to be a request
		return badRequest("The request can be read in more than one way.")
	}
	host := string(c.Request().Header.Host())
	if !hostAllowed(host, s.cfg.AllowedHosts) {
		return &grapevine.Error{Code: grapevine.Forbidden, Message: "This name is not one this server answers to."}
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
	default:
		if crossSite(host, c.Get("Sec-Fetch-Site"), c.Get(fiber.HeaderOrigin)) {
			return &grapevine.Error{Code: grapevine.Forbidden, Message: "Another site may not change anything here."}
		}
	}
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return &grapevine.Error{Code: grapevine.UnsupportedMedia, Message: "Content-Encoding is not supported; send the body as it is."}
	}
	if len(c.Request().Body()) > maxBody {
		return fiber.ErrRequestEntityTooLarge
	}
	return c.Next()
}

// hostAllowed compares the name in Host, without its port, with the list; an empty list allows any.
func hostAllowed(host string, allowed []string) bool {
	if len(allowed) == 0 {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return slices.ContainsFunc(allowed, func(a string) bool {
		return strings.EqualFold(strings.TrimSuffix(strings.TrimPrefix(a, "["), "]"), name)
	})
}

// crossSite reports whether a browser says that the request comes from another origin. A client that
// is not a browser sends neither header and passes.
func crossSite(host, fetchSite, origin string) bool {
	switch fetchSite {
	case "same-origin", "none":
		return false
	case "":
	default:
		return true
	}
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host == "" || !strings.EqualFold(u.Host, host)
}
