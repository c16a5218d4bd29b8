package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// Refusal is the reason why an instance does not take requests for contacts at present.
type Refusal struct {
	State   string // one word, such as "starting"
	Message string // one sentence for people: what to do, or what the instance waits for
}

// gateRetryAfter is how soon a refused client may ask again.
const gateRetryAfter = time.Second

// gated calls h if [Config.Gate] lets the request in. Otherwise the answer is 503 with the reason.
func (s *Server) gated(write bool, h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if refusal := s.cfg.Gate(write); refusal != nil {
			return &grapevine.Error{Code: grapevine.Unavailable, Message: refusal.Message, RetryAfter: gateRetryAfter}
		}
		return h(c)
	}
}
