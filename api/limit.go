package api

import (
	"bytes"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"grapevine"
)

// limiter bounds the requests in work, and those of one client in a second. It is per process: it
// keeps one client from starving the others here, it is not a quota.
type limiter struct {
	maxInFlight int64
	inFlight    atomic.Int64

	perSecond rate.Limit
	mu        sync.Mutex
	clients   map[netip.Addr]*rate.Limiter
}

// maxClients bounds the memory an attacker with many addresses can take; beyond it all idle ones are
// forgotten, and if none is idle, everybody starts anew.
const maxClients = 10_000

func newLimiter(maxInFlight int, perSecond float64) *limiter {
	return &limiter{
		maxInFlight: int64(maxInFlight),
		perSecond:   rate.Limit(perSecond),
		clients:     map[netip.Addr]*rate.Limiter{},
	}
}

// allow takes one token of addr's bucket, or says how long until there is one.
func (l *limiter) allow(addr netip.Addr, now time.Time) (wait time.Duration, ok bool) {
	if l.perSecond <= 0 {
		return 0, true
	}
	if addr.Is6() {
		// One customer has a whole /64; counting single addresses would not bound anybody.
		if p, err := addr.Prefix(64); err == nil {
			addr = p.Addr()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.clients[addr]
	burst := max(1, int(2*l.perSecond))
	if bucket == nil {
		if len(l.clients) >= maxClients {
			for a, b := range l.clients {
				if b.TokensAt(now) >= float64(burst) {
					delete(l.clients, a)
				}
			}
			if len(l.clients) >= maxClients {
				clear(l.clients)
			}
		}
		bucket = rate.NewLimiter(l.perSecond, burst)
		l.clients[addr] = bucket
	}
	if bucket.AllowN(now, 1) {
		return 0, true
	}
	return time.Duration((1 - bucket.TokensAt(now)) / float64(l.perSecond) * float64(time.Second)), false
}

// limit answers 429 beyond the bounds. What an operator needs most when a server is overloaded, its
// health and figures, is not counted.
func (s *Server) limit(c *fiber.Ctx) error {
	switch c.Path() {
	case "/healthz", "/readyz", "/metrics":
		return c.Next()
	}
	if wait, ok := s.limiter.allow(s.ClientAddr(c), time.Now()); !ok {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "Too many requests from this client.", RetryAfter: wait}
	}
	defer s.limiter.inFlight.Add(-1)
	if s.limiter.inFlight.Add(1) > s.limiter.maxInFlight {
		return &grapevine.Error{Code: grapevine.TooMany, Message: "Too many requests are being worked on."}
	}
	return c.Next()
}

// ClientAddr is for whom the request is made, see [Config.TrustedProxies].
func (s *Server) ClientAddr(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.ParseAddrPort(c.Context().RemoteAddr().String())
	forwarded := bytes.Join(c.Request().Header.PeekAll(fiber.HeaderXForwardedFor), []byte(","))
	return clientAddr(peer.Addr(), string(forwarded), s.cfg.TrustedProxies)
}
