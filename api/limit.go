package api

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
)

// limitRequests answers 429 when the server or one client has too many requests. Health and metrics are not
// limited: an operator needs them most when the server is overloaded.
func (s *Server) limitRequests(c *fiber.Ctx) error {
	if isOperation(c.Path()) {
		return c.Next()
	}
	if wait, ok := s.perClient.Allow(edge.Network(s.ClientAddr(c)), time.Now()); !ok {
		return tooMany(c, s.cfg.PerClient, wait, "Too many requests from this client.")
	}
	n := s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if n > int64(s.cfg.MaxInFlight) {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "The server is working on too many requests."}
	}
	return c.Next()
}

// isOperation reports whether a path is for operators.
func isOperation(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/metrics"
}

// tooMany is the error of a client that was over its limit of requests a second. wait is the time until the next one is let in.
func tooMany(c *fiber.Ctx, perSecond float64, wait time.Duration, message string) error {
	c.Set("RateLimit-Limit", strconv.Itoa(max(1, int(perSecond))))
	c.Set("RateLimit-Remaining", "0")
	c.Set("RateLimit-Reset", strconv.Itoa(seconds(wait)))
	return &grapevine.Error{Code: grapevine.TooMany, Message: message, RetryAfter: wait}
}

// ClientAddr is the address of the client that made the request, see [Config.TrustedProxies].
func (s *Server) ClientAddr(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.ParseAddrPort(c.Context().RemoteAddr().String())
	forwarded := bytes.Join(c.Request().Header.PeekAll(fiber.HeaderXForwardedFor), []byte(","))
	return edge.ClientAddr(peer.Addr(), string(forwarded), s.cfg.TrustedProxies)
}
