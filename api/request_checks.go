package api

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"grapevine"
	"grapevine/internal/edge"
)

// refuseUnsafe refuses requests before any handler sees them: what checkHead refuses, and bodies over the limit.
func (s *Server) refuseUnsafe(c *fiber.Ctx) error {
	if err := s.checkHead(c); err != nil {
		return err
	}
	if !c.Request().IsBodyStream() && len(c.Request().Body()) > maxBody {
		return fiber.ErrRequestEntityTooLarge
	}
	if c.Path() == "*" {
		c.Set(fiber.HeaderAllow, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
		c.Status(fiber.StatusNoContent)
		return nil
	}
	return c.Next()
}

// checkHead refuses by the request line and the headers: requests that can be read in more than one way, a foreign
// Host, changes that another site caused, and compressed bodies.
func (s *Server) checkHead(c *fiber.Ctx) error {
	h := &c.Request().Header
	host := string(h.Host())
	if err := s.checkForm(c, host); err != nil {
		c.Context().SetConnectionClose() // the bytes that follow may not be a request
		return err
	}
	if edge.IsOddPath(c.Path()) {
		return fiber.ErrNotFound
	}
	if !s.hostAllowed(c.Path(), host) {
		s.hints.ForeignHost(host)
		return &grapevine.Error{Code: grapevine.Forbidden, Message: "This server does not answer to this host name. The setting ALLOWED_HOSTS lists the names."}
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
	default:
		if origin := c.Get(fiber.HeaderOrigin); !edge.WriteAllowed(c.Get("Sec-Fetch-Site"), origin, host, s.cfg.Origins) {
			s.hints.ForeignOrigin(origin, host)
			return &grapevine.Error{Code: grapevine.Forbidden, Message: "Another site cannot change anything here."}
		}
	}
	// Reading a compressed body would unpack it past the limit: 61 kB of gzip can hold 63 MB.
	if len(h.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		c.Set(fiber.HeaderAcceptEncoding, "identity")
		return unsupportedMedia("Content-Encoding is not supported. Send the body uncompressed.")
	}
	return nil
}

// checkForm refuses a request that is not HTTP to the letter.
func (s *Server) checkForm(c *fiber.Ctx, host string) error {
	h := &c.Request().Header
	if !bytes.HasPrefix(h.Protocol(), []byte("HTTP/1.")) {
		return fiber.ErrHTTPVersionNotSupported
	}
	raw := h.RawHeaders()
	if len(raw) > s.cfg.MaxHeaderBytes {
		return fiber.ErrRequestHeaderFieldsTooLarge
	}
	if fault := edge.HeaderFault(raw); fault != "" {
		return badRequest(fault)
	}
	if !edge.ValidHost(host) {
		return badRequest("The header Host is not a host name or address, with a port or without.")
	}
	if fault, refused := c.Locals(localTargetFault).(string); refused {
		return badRequest(fault)
	}
	return nil
}

// refuseBeforeBody answers a client that waits for "100 Continue" before it sends the body. It returns the status of
// a refusal, or 100.
func (s *Server) refuseBeforeBody(request *fasthttp.RequestCtx) int {
	prepareRequest(request)
	c := s.app.AcquireCtx(request)
	defer s.app.ReleaseCtx(c)
	err := s.checkHead(c)
	if err == nil && c.Request().Header.ContentLength() > maxBody {
		err = fiber.ErrRequestEntityTooLarge
	}
	if err == nil {
		return fasthttp.StatusContinue
	}
	if err := s.respondError(c, err); err != nil {
		return fasthttp.StatusInternalServerError
	}
	return c.Response().StatusCode()
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
