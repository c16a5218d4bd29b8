package api

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

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
	if name := s.refusedForwarding(h); name != "" {
		return forbidden("This request came through a proxy: it carries " + name + ". An instance of grapevine dev answers only its own machine. Run grapevine serve behind a proxy.")
	}
	if err := s.checkOrigin(c, host); err != nil {
		return err
	}
	// Reading a compressed body would unpack it past the limit: 61 kB of gzip can hold 63 MB.
	if len(h.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		c.Set(fiber.HeaderAcceptEncoding, "identity")
		return unsupportedMedia("Content-Encoding is not supported. Send the body uncompressed.")
	}
	return nil
}

// refusedForwarding is the name of a header that only a proxy adds, empty if there is none, or if proxies may forward.
func (s *Server) refusedForwarding(h *fasthttp.RequestHeader) (found string) {
	if !s.cfg.RefuseForwarded {
		return ""
	}
	for name := range h.All() {
		lower := strings.ToLower(string(name))
		if lower == "forwarded" || lower == "x-real-ip" || strings.HasPrefix(lower, "x-forwarded-") {
			return string(name)
		}
	}
	return ""
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
	if err == nil && s.principals != nil {
		_, err = s.authorize(c)
	}
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
