package api

import (
	_ "embed"
	"encoding/json"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

//go:embed openapi.json
var openAPI []byte

// OpenAPI is the OpenAPI 3 document of every route of an instance, as JSON.
func OpenAPI() []byte { return openAPI }

// Readiness is the answer of /readyz: status 200 if Ready, else 503.
type Readiness struct {
	Ready bool                  `json:"ready"`
	Parts map[string]PartHealth `json:"parts"`
}

// PartHealth is the state of one part, such as MongoDB, Redis or the watcher.
type PartHealth struct {
	Ready   bool           `json:"ready"`
	State   string         `json:"state"`             // one word, such as "streaming" or "unauthorized"
	Message string         `json:"message,omitempty"` // one sentence: what an operator should do
	Detail  map[string]any `json:"detail,omitempty"`  // figures, such as the lag
}

// healthz says that the process can answer. It does not look at MongoDB or Redis.
func (s *Server) healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"status": "ok"})
}

func (s *Server) readyz(c *fiber.Ctx) error {
	r := s.cfg.Ready(c.UserContext())
	if r.Parts == nil {
		r.Parts = map[string]PartHealth{}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if !r.Ready {
		c.Status(fiber.StatusServiceUnavailable)
		c.Set(fiber.HeaderRetryAfter, "1")
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	return c.Send(body)
}

func (s *Server) metrics() fiber.Handler {
	if s.cfg.Metrics == nil {
		return func(*fiber.Ctx) error { return fiber.ErrNotFound }
	}
	return adaptor.HTTPHandler(s.cfg.Metrics)
}

// serveJSON serves a JSON document; without one the path is 404.
func serveJSON(body []byte) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if len(body) == 0 {
			return fiber.ErrNotFound
		}
		c.Set(fiber.HeaderCacheControl, "no-cache")
		c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
		c.Response().SetBodyRaw(body)
		return nil
	}
}
