package api

import (
	"errors"
	"net/netip"
	"sync"

	"github.com/gofiber/fiber/v2"

	"grapevine"
	"grapevine/internal/edge"
	"grapevine/internal/retry"
)

// maxRefused bounds the addresses that are remembered.
const maxRefused = 1000

// refusals bounds the lines of the log about requests that were refused: one of a kind and address in a while, which counts
// those that were left out.
type refusals struct {
	mu   sync.Mutex
	logs map[refusal]*retry.Limiter
}

type refusal struct {
	address netip.Addr // of a network
	code    grapevine.Code
}

func (r *refusals) allow(one refusal) (times int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.logs[one]
	if log == nil {
		if r.logs == nil || len(r.logs) >= maxRefused {
			r.logs = map[refusal]*retry.Limiter{}
		}
		log = &retry.Limiter{}
		r.logs[one] = log
	}
	return log.Allow()
}

// noteRefusal logs that a token, a cookie or a right was refused, or that there were too many requests. Whoever comes without
// credentials tries nothing. The line has the route, not the path, which could hold a secret.
func (s *Server) noteRefusal(c *fiber.Ctx, err error) {
	code := grapevine.ErrorCode(err)
	isRefusal := code == grapevine.Unauthorized || code == grapevine.Forbidden || code == grapevine.TooMany
	if !isRefusal || errors.Is(err, errNobody) {
		return
	}
	address := s.ClientAddr(c)
	times, ok := s.refusals.allow(refusal{edge.Network(address), code})
	if !ok {
		return
	}
	route := "none"
	if entry := theRights.find(c.Path()); entry != nil {
		route = entry.path
	}
	attrs := []any{"code", code, "address", address.String(), "method", c.Method(), "route", route, "times", times}
	if p := PrincipalOf(c); !p.IsNobody() {
		attrs = append(attrs, string(p.Kind), p.ID)
	}
	s.cfg.Logger.Info("refused a request", attrs...)
}
