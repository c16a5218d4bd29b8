package api

import (
	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
)

// refuseUnsafe refuses requests before any handler sees them: ambiguous framing, a foreign Host,
// changes that another site caused, compressed bodies and bodies over the limit.
func (s *Server) refuseUnsafe(c *fiber.Ctx) error {
	if edge.AmbiguousFraming(c.Request().Header.RawHeaders()) {
		c.Context().SetConnectionClose() // the bytes that follow may not be a request
		return badRequest("The request can be read in more than one way.")
	}
	host := string(c.Request().Header.Host())
	if !s.hostAllowed(c.Path(), host) {
		return &grapevine.Error{Code: grapevine.Forbidden, Message: "This server does not answer to this host name."}
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
	default:
		if edge.CrossSite(c.Get("Sec-Fetch-Site"), c.Get(fiber.HeaderOrigin), host) {
			return &grapevine.Error{Code: grapevine.Forbidden, Message: "Another site cannot change anything here."}
		}
	}
	// Reading a compressed body would unpack it past the limit: 61 kB of gzip can hold 63 MB.
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return &grapevine.Error{Code: grapevine.UnsupportedMedia, Message: "Content-Encoding is not supported. Send the body uncompressed."}
	}
	if len(c.Request().Body()) > maxBody {
		return fiber.ErrRequestEntityTooLarge
	}
	return c.Next()
}

// hostAllowed reports whether a request for path may have this Host. The probe of a load balancer or a container
// asks by address, or without a name, and learns nothing from health that a foreign page could misuse. Prometheus asks
// for metrics by address too. A page whose name was rebound cannot do that: its Host is a name.
func (s *Server) hostAllowed(path, host string) bool {
	switch path {
	case "/healthz", "/readyz":
		return true
	case "/metrics":
		return edge.IsAddress(host) || edge.HostAllowed(host, s.cfg.AllowedHosts)
	}
	return edge.HostAllowed(host, s.cfg.AllowedHosts)
}
