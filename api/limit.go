package api

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
)

// limitRequests answers 429 when the server or one client has too many requests. Health and metrics are not
// limited: an operator needs them most when the server is overloaded.
func (s *Server) limitRequests(c *fiber.Ctx) error {
	switch c.Path() {
	case "/healthz", "/readyz", "/metrics":
		return c.Next()
	}
	if wait, ok := s.rates.Allow(s.ClientAddr(c), time.Now()); !ok {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "Too many requests from this client.", RetryAfter: wait}
	}
	n := s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if n > int64(s.cfg.MaxInFlight) {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "The server is working on too many requests."}
	}
	return c.Next()
}

// ClientAddr is the address of the client that made the request, see [Config.TrustedProxies].
func (s *Server) ClientAddr(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.ParseAddrPort(c.Context().RemoteAddr().String())
	forwarded := bytes.Join(c.Request().Header.PeekAll(fiber.HeaderXForwardedFor), []byte(","))
	return edge.ClientAddr(peer.Addr(), string(forwarded), s.cfg.TrustedProxies)
}
