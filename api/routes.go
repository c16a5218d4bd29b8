package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"grapevine"
)

// route is one path with what each method does there.
type route struct {
	path    string
	methods map[string]fiber.Handler
	bound   time.Duration // of one request; zero means Config.Timeout
}

// routes lists every route of this package. Fiber takes the first that matches, so fixed paths stand
// before the id.
func (s *Server) routes() []route {
	get := func(path string, h fiber.Handler) route {
		return route{path: path, methods: map[string]fiber.Handler{http.MethodGet: h}}
	}
	operations := []route{
		get("/healthz", s.healthz),
		get("/readyz", s.readyz),
		get("/metrics", s.metrics()),
	}
	if s.cfg.OperationsOnly {
		return operations
	}
	return append([]route{
		{path: "/contacts", methods: map[string]fiber.Handler{
			http.MethodPost: s.createContact,
			http.MethodGet:  s.listContacts,
		}},
		get("/contacts/search", s.searchContacts),
		{path: "/contacts/import", methods: map[string]fiber.Handler{http.MethodPost: s.importContacts}, bound: importBound},
		get("/contacts/export", s.exportContacts),
		get("/contacts/stats/companies", s.stats(grapevine.PerCompany)),
		get("/contacts/stats/tags", s.stats(grapevine.PerTag)),
		get("/contacts/stats/months", s.stats(grapevine.PerMonth)),
		{path: "/contacts/:id", methods: map[string]fiber.Handler{
			http.MethodGet:    s.readContact,
			http.MethodPut:    s.replaceContact,
			http.MethodPatch:  s.patchContact,
			http.MethodDelete: s.deleteContact,
		}},
		get("/openapi.json", document(openAPI)),
		get("/docs", docs),
		get("/docs/rapidoc-min.js", docsJS),
		get("/asyncapi.json", document(s.cfg.AsyncAPI)),
	}, operations...)
}

// mount registers the routes, and for every path what is left of the methods: OPTIONS tells the
// allowed ones, any other is 405. (Fiber's own 405 would name the methods of /contacts/:id for
// /contacts/search, and send them there.)
func (s *Server) mount() {
	for _, r := range s.routes() {
		allow := []string{http.MethodOptions}
		for method, h := range r.methods {
			if method != http.MethodGet {
				h = unparameterized(h)
			}
			h = s.withBound(r.bound, h)
			s.app.Add(method, r.path, h)
			allow = append(allow, method)
			if method == http.MethodGet {
				s.app.Add(http.MethodHead, r.path, h)
				allow = append(allow, http.MethodHead)
			}
		}
		slices.Sort(allow)
		s.app.All(r.path, others(strings.Join(allow, ", ")))
	}
}

func others(allow string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		if c.Method() == fiber.MethodOptions {
			// No CORS header: this is for pages of its own origin.
			c.Status(fiber.StatusNoContent)
			return nil
		}
		return fiber.ErrMethodNotAllowed
	}
}

// unparameterized refuses a query string. No write takes one; ignored, `?workspace=x` would write into
// another workspace than its sender believes.
func unparameterized(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if _, err := parseParams(string(c.Context().URI().QueryString()), nil); err != nil {
			return err
		}
		return h(c)
	}
}

// withBound gives the handler a context that ends. It is not the connection's: fasthttp reuses that
// one while the driver's goroutines may still look at it.
func (s *Server) withBound(bound time.Duration, h fiber.Handler) fiber.Handler {
	if bound == 0 {
		bound = s.cfg.Timeout
	}
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(context.Background(), bound)
		defer cancel()
		c.SetUserContext(ctx)
		s.mark(c)
		return h(c)
	}
}
